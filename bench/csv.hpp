#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct CsvOptions {
  std::uint32_t meters = 50'000;
  std::int32_t days = 4;
  std::uint16_t partitions = 16;
  std::filesystem::path
      directory;  ///< Where files and data directories are made and removed again.
  int runs = 5;
  Report report;  ///< Told of each figure.
};

/// Ingestion of a wide consumption file end to end: from opening the file until every row is
/// checked, durable and applied. The peer splits the same file into fields with libcsv and does
/// nothing with them. Reports one comparable line.
int run_csv(caf::actor_system& system, const CsvOptions& options);

}  // namespace hhgrid::bench
