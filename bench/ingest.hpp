#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct IngestOptions {
  std::uint32_t meters = 1'000'000;
  std::int32_t days = 16;
  std::uint16_t partitions = 16;
  std::uint32_t batch_entries = default_batch_entries;
  std::filesystem::path directory;  ///< Where the data directories are made and removed again.
  int runs = 5;
  Report report;  ///< Told of each figure.
};

/// One run of the grid and its peer over the same buffer.
struct IngestRun {
  double grid_seconds =
      0;  ///< From the first append until everything is applied and flushed, compactions included.
  /// The same keys and values put straight into bare RocksDBs, synced per batch, flushed: the
  /// values as they come, and as the grid stores them.
  double peer_seconds = 0, stored_peer_seconds = 0;
  std::uint64_t disk_bytes = 0;      ///< Of the partitions' stores afterwards.
  std::uint64_t resident_bytes = 0;  ///< Of resident meter state, presence maps and ledger days.
  std::uint64_t resident_meters = 0;
};

/// Durable ingestion of simulated meter-days from a ready buffer. Reports one comparable line.
int run_ingest(caf::actor_system& system, const IngestOptions& options);

}  // namespace hhgrid::bench
