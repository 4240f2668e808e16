#include "bench/deliveries.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "actors/grid/grid.hpp"
#include "bench/feed.hpp"
#include "net/simulator/session_output.hpp"
#include "net/simulator/simulate.hpp"

namespace hhgrid::bench {
namespace {

constexpr std::uint32_t small_share = 50;  // the small grids have one of so many meters

std::unique_ptr<actors::Grid> open_named(caf::actor_system& system,
                                         const DeliveriesOptions& options,
                                         const std::string& name) {
  actors::GridOptions grid_options;
  grid_options.directory = options.directory / name;
  grid_options.partitions = options.partitions;
  auto grid = actors::Grid::open(system, grid_options);
  if (!grid) throw std::runtime_error(grid.error().text);
  return std::move(*grid);
}

/// Until it serves; the grid is closed again.
double seconds_of_opening(caf::actor_system& system, const DeliveriesOptions& options,
                          const std::string& name) {
  const auto start = Clock::now();
  const auto grid = open_named(system, options, name);
  const double seconds = seconds_since(start);
  must(grid->close());
  return seconds;
}

/// Registrations in one delivery, then a reading of every meter: with `each` every one is a
/// delivery of its own, as many files loaded by one process are.
void make_small(caf::actor_system& system, const DeliveriesOptions& options,
                const std::string& name, const net::Population& population, bool each) {
  const auto grid = open_named(system, options, name);
  storage::EntryScratch scratch;
  {
    SessionFeed feed(*grid);
    for (std::uint32_t i = 0; i < population.options().meters; ++i)
      for (const auto& registration : population.registrations(i))
        must(feed.session().add_meter(registration.mpan,
                                      storage::encode_registration(registration, scratch)));
    feed.finish();
  }
  auto delivery = std::make_unique<SessionFeed>(*grid);
  for (std::uint32_t i = 0; i < population.options().meters; ++i) {
    const auto reading = population.consumption(i, population.options().first_day);
    must(
        delivery->session().add_meter(reading.mpan, storage::encode_consumption(reading, scratch)));
    if (!each) continue;
    must(delivery->session().finish());
    delivery = std::make_unique<SessionFeed>(*grid);
  }
  delivery->finish();
  must(grid->close());
}

void measure_deliveries(caf::actor_system& system, const DeliveriesOptions& options) {
  net::PopulationOptions of;
  of.meters = std::max(1u, options.meters / small_share);
  const net::Population population(of);
  make_small(system, options, "deliveries", population, true);
  make_small(system, options, "delivery", population, false);
  std::vector<double> many, one;
  for (int n = 0; n < options.runs; ++n) {  // in turn
    many.push_back(seconds_of_opening(system, options, "deliveries"));
    one.push_back(seconds_of_opening(system, options, "delivery"));
  }
  options.report(
      {"deliveries",
       {{"seconds", median(many)},
        {"of_one_s", median(one)},
        {"ratio", median(many) / median(one)}},
       fmt::format("opening after {} one-row deliveries {:.3f} s, of the same grid made from one "
                   "{:.3f} s (medians of {}; {} partitions), {:.2f} times as long",
                   of.meters, median(many), median(one), options.runs, options.partitions,
                   median(many) / median(one))});
}

void measure_opening(caf::actor_system& system, const DeliveriesOptions& options) {
  {
    const auto grid = open_named(system, options, "large");
    net::SimulationOptions simulation;
    simulation.population.meters = options.meters;
    simulation.population.days = options.days;
    simulation.late_wave = false;
    SessionFeed feed(*grid);
    const auto output = net::session_output(feed.session());
    if (const auto made = net::simulate(simulation, *output); !made)
      throw std::runtime_error(made.error().text);
    feed.finish();
    must(grid->close());
  }
  std::vector<double> seconds;
  for (int n = 0; n < options.runs; ++n)
    seconds.push_back(seconds_of_opening(system, options, "large"));
  options.report(
      {"open",
       {{"seconds", median(seconds)}},
       fmt::format("open {:.3f} s until it serves (median of {}; {} meters x {} days, {} "
                   "partitions)",
                   median(seconds), options.runs, options.meters, options.days,
                   options.partitions)});
}

}  // namespace

int run_deliveries(caf::actor_system& system, const DeliveriesOptions& options) {
  const auto clear = [&] {
    for (const char* name : {"deliveries", "delivery", "large"})
      std::filesystem::remove_all(options.directory / name);
  };
  clear();
  measure_deliveries(system, options);
  measure_opening(system, options);
  clear();
  return 0;
}

}  // namespace hhgrid::bench
