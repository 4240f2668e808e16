#include "bench/cutoff.hpp"

#include <chrono>

#include <fmt/format.h>

#include "actors/grid/grid.hpp"
#include "bench/feed.hpp"
#include "net/simulator/session_output.hpp"
#include "net/simulator/simulate.hpp"

namespace hhgrid::bench {
namespace {

constexpr std::uint32_t late_share = 100;  // one meter-day of so many comes late
constexpr std::uint32_t late_registrations = 300;
constexpr core::Instant late{received_at.milliseconds + 1000};

net::SimulationOptions simulation_of(const CutoffOptions& options) {
  net::SimulationOptions simulation;
  simulation.population.meters = options.meters;
  simulation.population.days = options.days;
  simulation.late_wave = false;
  return simulation;
}

void feed_all(actors::Grid& grid, const CutoffOptions& options) {
  SessionFeed feed(grid);
  const auto output = net::session_output(feed.session());
  if (const auto done = net::simulate(simulation_of(options), *output); !done)
    throw std::runtime_error(done.error().text);
  feed.finish();
}

/// Other values for a share of every day, and changes of supplier on days all over the time.
void feed_late(actors::Grid& grid, const CutoffOptions& options) {
  const net::Population population(simulation_of(options).population);
  const core::UtcDay first = population.options().first_day;
  SessionFeed feed(grid, late);
  storage::EntryScratch scratch;
  for (std::int32_t d = 0; d < options.days; ++d)
    for (std::uint32_t i = static_cast<std::uint32_t>(d) % late_share; i < options.meters;
         i += late_share) {
      auto day = population.consumption(i, first + d);
      for (auto& energy : day.energy_wh) ++energy;
      must(feed.session().add_meter(day.mpan, storage::encode_consumption(day, scratch)));
    }
  for (std::uint32_t n = 0; n < late_registrations; ++n) {
    const std::uint32_t i = n * (options.meters / late_registrations);
    auto registration = population.registrations(i).front();
    const auto supplier = static_cast<std::uint8_t>((population.traits(i).supplier + 1) %
                                                    net::Population::supplier_count);
    const auto day = first.value + static_cast<std::int32_t>(n * 7919u) % options.days;
    registration.effective = {{day}, core::open_ended};
    registration.terms.supplier = net::Population::supplier(supplier);
    registration.terms.bmu = {};
    must(feed.session().add_meter(registration.mpan,
                                  storage::encode_registration(registration, scratch)));
  }
  feed.finish();
}

double settle(actors::Grid& grid, core::SettlementDay day, core::Instant cutoff, int n) {
  const auto start = Clock::now();
  const auto run = grid.run(day, core::SettlementCode::ii, cutoff, {late.milliseconds + 1000 + n},
                            std::chrono::minutes(5));
  const double seconds = seconds_since(start);
  if (!run) throw std::runtime_error(run.error().text);
  if (run->status != "published")
    throw std::runtime_error(fmt::format("run {}: {}", run->status, run->reason));
  return seconds;
}

}  // namespace

int run_cutoff(caf::actor_system& system, const CutoffOptions& options) {
  actors::GridOptions grid_options;
  grid_options.directory = options.directory / "cutoff";
  grid_options.partitions = options.partitions;
  std::filesystem::remove_all(grid_options.directory);
  {
    auto grid = actors::Grid::open(system, grid_options);
    if (!grid) throw std::runtime_error(grid.error().text);
    feed_all(**grid, options);
    feed_late(**grid, options);
    must((*grid)->checkpoint());
    const core::SettlementDay day{net::PopulationOptions().first_day.value + options.days - 1};
    std::vector<double> whole, cut;
    settle(**grid, day, after_everything, 0);  // tells the market of all that has changed
    for (int n = 0; n < options.runs; ++n) {
      whole.push_back(settle(**grid, day, after_everything, 2 * n + 1));
      cut.push_back(settle(**grid, day, received_at, 2 * n + 2));
    }
    options.report(
        {"cutoff",
         {{"seconds", median(cut)},
          {"without_s", median(whole)},
          {"ratio", median(cut) / median(whole)}},
         fmt::format(
             "run as of a cut-off {:.3f} s, without {:.3f} s (medians of {}; {} meters x {} "
             "days, 1 % of every day and {} registrations later), {:.2f} times as long",
             median(cut), median(whole), options.runs, options.meters, options.days,
             late_registrations, median(cut) / median(whole))});
  }
  std::filesystem::remove_all(grid_options.directory);
  return 0;
}

}  // namespace hhgrid::bench
