#include "bench/ingest.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "actors/grid/grid.hpp"
#include "bench/bare_rocksdb.hpp"
#include "bench/feed.hpp"
#include "bench/ingest_buffer.hpp"
#include "bench/measure.hpp"

namespace hhgrid::bench {
namespace {

IngestRun one_run(caf::actor_system& system, const IngestOptions& options,
                  const ReadyBuffer& buffer, int n) {
  IngestRun run;
  const auto directory = options.directory / fmt::format("ingest-{}", n);
  std::filesystem::remove_all(directory);
  {
    actors::GridOptions grid_options;
    grid_options.directory = directory;
    grid_options.partitions = options.partitions;
    auto grid = actors::Grid::open(system, grid_options);
    if (!grid) throw std::runtime_error(grid.error().text);
    feed(**grid, buffer.registrations);
    must((*grid)->drain());
    must((*grid)->checkpoint());
    const auto start = Clock::now();
    const double cpu_before = cpu_seconds();
    feed(**grid, buffer.consumption);
    must((*grid)->drain());
    const double applied = seconds_since(start);
    must((*grid)->checkpoint());
    run.grid_seconds = seconds_since(start);
    for (const auto& status : (*grid)->status()) {
      run.disk_bytes += status.disk_bytes;
      run.resident_bytes += status.memory_bytes;
      run.resident_meters += status.resident_meters;
    }
    std::fputs(
        fmt::format(
            "  run {}: applied after {:.1f} s, flushed after {:.1f} s, {:.1f} s of processor\n", n,
            applied, run.grid_seconds, cpu_seconds() - cpu_before)
            .c_str(),
        stderr);
  }
  std::filesystem::remove_all(directory);
  const auto peer = [&](PeerValues values, const char* name) {
    const double cpu_before = cpu_seconds();
    const double seconds = bare_rocksdb_seconds(options, buffer, values, directory);
    std::fputs(fmt::format("  peer, values {}: {:.1f} s, {:.1f} s of processor\n", name, seconds,
                           cpu_seconds() - cpu_before)
                   .c_str(),
               stderr);
    std::filesystem::remove_all(directory);
    return seconds;
  };
  run.peer_seconds = peer(PeerValues::as_they_come, "as they come");
  run.stored_peer_seconds = peer(PeerValues::as_stored, "as stored");
  return run;
}

}  // namespace

int run_ingest(caf::actor_system& system, const IngestOptions& options) {
  net::PopulationOptions population_options;
  population_options.meters = options.meters;
  population_options.days = options.days;
  const net::Population population(population_options);
  const auto buffer = make_ready_buffer(population, options.partitions, options.batch_entries);
  std::vector<double> rates, ratios, stored_ratios;
  IngestRun last;
  for (int n = 1; n <= options.runs; ++n) {
    last = one_run(system, options, buffer, n);
    rates.push_back(static_cast<double>(buffer.meter_days) / last.grid_seconds);
    ratios.push_back(last.peer_seconds / last.grid_seconds);
    stored_ratios.push_back(last.stored_peer_seconds / last.grid_seconds);
  }
  const double disk_bytes =
      static_cast<double>(last.disk_bytes) / static_cast<double>(buffer.meter_days);
  const double memory_bytes = static_cast<double>(last.resident_bytes) /
                              static_cast<double>(std::max<std::uint64_t>(1, last.resident_meters));
  options.report(
      {"ingest",
       {{"meter_days_per_s", median(rates)},
        {"ratio_to_bare_rocksdb", median(ratios)},
        {"ratio_to_bare_rocksdb_values_as_stored", median(stored_ratios)},
        {"disk_bytes_per_meter_day", disk_bytes},
        {"memory_bytes_per_meter", memory_bytes}},
       fmt::format(
           "ingest {:.0f} meter-days/s (median of {}; {} meters x {} days, {} partitions, batches "
           "of {}), ratio to bare RocksDB {:.2f} ({:.2f} with the values as stored), {:.0f} bytes "
           "on disk per meter-day, {:.0f} bytes "
           "per resident meter",
           median(rates), options.runs, options.meters, options.days, options.partitions,
           options.batch_entries, median(ratios), median(stored_ratios), disk_bytes,
           memory_bytes)});
  return 0;
}

}  // namespace hhgrid::bench
