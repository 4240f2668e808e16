#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct DeliveriesOptions {
  std::uint32_t meters = 1'000'000;  ///< Of the large grid; the two small ones have a fiftieth.
  std::int32_t days = 1;             ///< Of readings, in the large grid.
  std::uint16_t partitions = 16;
  std::filesystem::path directory;  ///< Where data directories are made and removed again.
  int runs = 5;                     ///< Of each opening.
  Report report;                    ///< Told of each figure.
};

/// What opening a grid costs. Reports one comparable line each for
///  - `deliveries`: a grid that took a reading of each of its meters as a delivery of its own, each
///  with its own sender, beside the same grid made from one delivery: seconds and their ratio;
///  - `open`: the large grid: seconds.
int run_deliveries(caf::actor_system& system, const DeliveriesOptions& options);

}  // namespace hhgrid::bench
