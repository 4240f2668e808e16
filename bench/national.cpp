#include "bench/national.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/resource.h>

#include "actors/grid/grid.hpp"
#include "actors/verify/audit.hpp"
#include "bench/feed.hpp"
#include "net/simulator/session_output.hpp"
#include "net/simulator/simulate.hpp"

namespace hhgrid::bench {
namespace {

/// The greatest resident size of this process so far, in GiB.
double peak_gib() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / (1 << 20);  // Linux counts in KiB
}

std::unique_ptr<actors::Grid> open_nation(caf::actor_system& system,
                                          const NationalOptions& options) {
  actors::GridOptions grid_options;
  grid_options.directory = options.directory / "national";
  grid_options.partitions = options.partitions;
  grid_options.resident_bytes_max = std::size_t{16} << 30;
  auto grid = actors::Grid::open(system, grid_options);
  if (!grid) throw std::runtime_error(grid.error().text);
  return std::move(*grid);
}

void seconds_line(const NationalOptions& options, const std::string& what, double seconds) {
  options.report({"national-" + what,
                  {{"seconds", seconds}},
                  fmt::format("national-{} {:.2f} s ({} meters x {} days, {} partitions)", what,
                              seconds, options.meters, options.days, options.partitions)});
}

void load_nation(actors::Grid& grid, const NationalOptions& options) {
  net::SimulationOptions simulation;
  simulation.population.meters = options.meters;
  simulation.population.days = options.days;
  simulation.late_wave = false;
  const auto start = Clock::now();
  SessionFeed feed(grid);
  const auto output = net::session_output(feed.session());
  if (const auto made = net::simulate(simulation, *output); !made)
    throw std::runtime_error(made.error().text);
  feed.finish();
  seconds_line(options, "load", seconds_since(start));
}

/// What is measured is a grid of which nothing has been passivated.
void expect_all_resident(actors::Grid& grid, const NationalOptions& options) {
  std::uint64_t resident = 0;
  for (const auto& status : grid.status()) resident += status.resident_meters;
  if (resident != options.meters)
    throw std::runtime_error(fmt::format("{} of {} meters are resident", resident, options.meters));
}

void settle_nation(actors::Grid& grid, const NationalOptions& options) {
  const core::SettlementDay day{net::PopulationOptions().first_day.value + options.days - 1};
  std::vector<double> seconds;
  for (int n = 0; n < options.runs; ++n) {
    const auto start = Clock::now();
    const auto run = grid.run(day, core::SettlementCode::ii, after_everything,
                              {received_at.milliseconds + n}, std::chrono::minutes(10));
    seconds.push_back(seconds_since(start));
    if (!run) throw std::runtime_error(run.error().text);
    if (run->status != "published")
      throw std::runtime_error(fmt::format("run {}: {}", run->status, run->reason));
  }
  seconds_line(options, "run", median(seconds));
}

void audit_nation(const actors::Grid& grid, const NationalOptions& options) {
  const auto stores = grid.stores();
  const auto start = Clock::now();
  const auto report =
      actors::audit_run(stores, grid.calendar(), {}, static_cast<std::uint32_t>(options.runs));
  if (!report) throw std::runtime_error(report.error().text);
  if (!report->equal()) throw std::runtime_error("the audit found differences");
  seconds_line(options, "audit", seconds_since(start));
}

}  // namespace

int run_national(caf::actor_system& system, const NationalOptions& options) {
  std::filesystem::remove_all(options.directory / "national");
  {
    const auto grid = open_nation(system, options);
    load_nation(*grid, options);
    expect_all_resident(*grid, options);
    settle_nation(*grid, options);
    audit_nation(*grid, options);
    must(grid->checkpoint());
  }
  std::vector<double> seconds;
  for (int n = 0; n < options.runs; ++n) {
    const auto start = Clock::now();
    const auto grid = open_nation(system, options);
    seconds.push_back(seconds_since(start));
  }
  seconds_line(options, "open", median(seconds));
  options.report({"national-memory",
                  {{"gib", peak_gib()}},
                  fmt::format("national-memory {:.2f} GiB at most ({} meters, all resident)",
                              peak_gib(), options.meters)});
  std::filesystem::remove_all(options.directory / "national");
  return 0;
}

}  // namespace hhgrid::bench
