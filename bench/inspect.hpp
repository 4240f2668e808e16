#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct InspectOptions {
  std::uint32_t meters = 1'000'000;
  std::int32_t days = 8;
  std::uint16_t partitions = 16;
  std::filesystem::path directory;  ///< Where the data directory is made and removed again.
  Report report;                    ///< Told of each figure.
};

/// One question after another to meters picked at random, each about a day, while ingestion runs at
/// full speed. Reports one comparable line: median and 99th percentile of the answers' times, and
/// the rate of ingestion meanwhile.
int run_inspect(caf::actor_system& system, const InspectOptions& options);

}  // namespace hhgrid::bench
