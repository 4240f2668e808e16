#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct LineLossesOptions {
  std::int32_t days = 365;  ///< Of 1,142 classes: 20,007,840 records.
  std::uint16_t partitions = 16;
  std::filesystem::path
      directory;  ///< Where files and data directories are made and removed again.
  int runs = 3;
  Report report;  ///< Told of each figure.
};

/// A line loss file as published (D0265) from opening it until its check sum is verified and every
/// factor is durable and applied. Reports one comparable line.
int run_line_losses(caf::actor_system& system, const LineLossesOptions& options);

}  // namespace hhgrid::bench
