#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct SettlementOptions {
  std::uint32_t meters = 1'000'000;
  std::int32_t days = 16;
  std::uint16_t partitions = 16;
  std::filesystem::path directory;  ///< Where the data directory is made and removed again.
  int runs = 5;
  Report report;  ///< Told of each figure.
};

/// Settlement of a simulated population of which 5 % of the meter-days are missing. Prints one
/// comparable line each for
///  - `run`: seconds from the order of a run to its published results;
///  - `audit`: stored meter-days recomputed per second, with a bare scan of the same stores as the
///  peer;
///  - `restart`: seconds from opening a cleanly closed data directory until it serves;
///  - `memory` and `disk`: bytes per resident meter and per meter-day.
int run_settlement(caf::actor_system& system, const SettlementOptions& options);

}  // namespace hhgrid::bench
