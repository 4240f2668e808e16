#include "bench/settlement.hpp"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "actors/grid/grid.hpp"
#include "actors/verify/audit.hpp"
#include "bench/feed.hpp"
#include "bench/measure.hpp"
#include "net/simulator/session_output.hpp"
#include "net/simulator/simulate.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::bench {
namespace {

net::SimulationOptions simulation_of(const SettlementOptions& options) {
  net::SimulationOptions simulation;
  simulation.population.meters = options.meters;
  simulation.population.days = options.days;
  simulation.late_wave = false;
  return simulation;
}

void feed(actors::Grid& grid, const SettlementOptions& options) {
  SessionFeed feed(grid);
  const auto output = net::session_output(feed.session());
  if (auto done = net::simulate(simulation_of(options), *output); !done)
    throw std::runtime_error(done.error().text);
  feed.finish();
  must(grid.checkpoint());
}

double settle(actors::Grid& grid, core::SettlementDay day, int n) {
  const auto start = Clock::now();
  auto run = grid.run(day, core::SettlementCode::ii, after_everything,
                      {received_at.milliseconds + n}, std::chrono::minutes(5));
  const double seconds = seconds_since(start);
  if (!run) throw std::runtime_error(run.error().text);
  if (run->status != "published")
    throw std::runtime_error(fmt::format("run {}: {}", run->status, run->reason));
  return seconds;
}

/// The same stored versions read and not looked at: what the storage engine alone takes.
double bare_scan(const storage::StoreSet& stores) {
  const auto start = Clock::now();
  const auto scan = [&](int first) {
    std::uint64_t bytes = 0;
    for (int p = first; p < stores.topology().meter_partitions(); p += 2)
      must(storage::Store::View(stores.at(static_cast<storage::PartitionId>(p)))
               .scan(
                   storage::Family::consumption, {}, {},
                   [&](std::string_view, std::string_view value) {
                     bytes += value.size();
                     return true;
                   },
                   storage::Store::Caching::pass));
    return bytes;
  };
  std::thread other(scan, 1);
  scan(0);
  other.join();
  return seconds_since(start);
}

void measure_audit(actors::Grid& grid, const SettlementOptions& options) {
  const auto stores = grid.stores();
  std::vector<double> rates, ratios;
  for (int n = 0; n < options.runs; ++n) {
    const auto start = Clock::now();
    const auto report =
        actors::audit_run(stores, grid.calendar(), {}, static_cast<std::uint32_t>(options.runs));
    const double seconds = seconds_since(start);
    if (!report) throw std::runtime_error(report.error().text);
    if (!report->equal()) throw std::runtime_error("the audit found differences");
    rates.push_back(static_cast<double>(report->meter_days) / seconds);
    ratios.push_back(bare_scan(stores) / seconds);
  }
  options.report(
      {"audit",
       {{"meter_days_per_s", median(rates)}, {"ratio_to_bare_scan", median(ratios)}},
       fmt::format("audit {:.0f} meter-days/s (median of {}; {} meters x {} days), ratio to a bare "
                   "scan of the same stores {:.2f}",
                   median(rates), options.runs, options.meters, options.days, median(ratios))});
}

}  // namespace

int run_settlement(caf::actor_system& system, const SettlementOptions& options) {
  actors::GridOptions grid_options;
  grid_options.directory = options.directory / "settlement";
  grid_options.partitions = options.partitions;
  std::filesystem::remove_all(grid_options.directory);
  // The last whole day, so that an audit reads all that is stored.
  const core::SettlementDay day{net::PopulationOptions().first_day.value + options.days - 1};
  {
    auto grid = actors::Grid::open(system, grid_options);
    if (!grid) throw std::runtime_error(grid.error().text);
    feed(**grid, options);
    std::vector<double> seconds;
    for (int n = 0; n < options.runs; ++n) seconds.push_back(settle(**grid, day, n));
    options.report(
        {"run",
         {{"seconds", median(seconds)}},
         fmt::format("run {:.3f} s from order to published results (median of {}; {} meters, {} "
                     "partitions, 5 % defaulted)",
                     median(seconds), options.runs, options.meters, options.partitions)});
    std::uint64_t memory = 0, resident = 0, disk = 0, accepted = 0;
    for (const auto& status : (*grid)->status()) {
      memory += status.memory_bytes;
      resident += status.resident_meters;
      disk += status.disk_bytes;
      accepted += status.accepted;
    }
    const auto memory_bytes = memory / std::max<std::uint64_t>(1, resident);
    options.report(
        {"memory",
         {{"bytes_per_meter", static_cast<double>(memory_bytes)}},
         fmt::format("memory {} bytes per resident meter ({} meters)", memory_bytes, resident)});
    const auto disk_bytes = disk / std::max<std::uint64_t>(1, accepted);
    options.report(
        {"disk",
         {{"bytes_per_entry", static_cast<double>(disk_bytes)}},
         fmt::format("disk {} bytes per entry, runs included ({} entries)", disk_bytes, accepted)});
    measure_audit(**grid, options);
  }
  std::vector<double> restarts;
  for (int n = 0; n < options.runs; ++n) {
    const auto start = Clock::now();
    auto grid = actors::Grid::open(system, grid_options);
    restarts.push_back(seconds_since(start));
    if (!grid) throw std::runtime_error(grid.error().text);
  }
  options.report({"restart",
                  {{"seconds", median(restarts)}},
                  fmt::format("restart {:.2f} s after a clean stop (median of {}; {} meters x {} "
                              "days)",
                              median(restarts), options.runs, options.meters, options.days)});
  std::filesystem::remove_all(grid_options.directory);
  return 0;
}

}  // namespace hhgrid::bench
