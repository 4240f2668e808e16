#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct CloseDayOptions {
  std::uint32_t meters = 1'000'000;
  std::int32_t days = 30;  ///< Closed before, for which readings come late.
  std::uint16_t partitions = 16;
  std::filesystem::path directory;  ///< Where the data directory is made and removed again.
  int runs = 5;                     ///< Closings that are measured, each of a day of its own.
  Report report;                    ///< Told of each figure.
};

/// The closing of a day after the readings of 1 % of the meters have come late for each of the days
/// closed before: from the append of the entry until the market partition has published the day's
/// load shapes, and the earlier days' again, and all meter partitions know them. Prints seconds.
int run_close_day(caf::actor_system& system, const CloseDayOptions& options);

}  // namespace hhgrid::bench
