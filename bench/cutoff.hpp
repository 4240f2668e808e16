#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct CutoffOptions {
  std::uint32_t meters = 20'000;
  std::int32_t days = 393;  ///< All that a load shape can look back on.
  std::uint16_t partitions = 16;
  std::filesystem::path directory;  ///< Where the data directory is made and removed again.
  int runs = 5;
  Report report;  ///< Told of each figure.
};

/// A run as of a cut-off after which 1 % of every day and 300 registrations were received, and the
/// same run without a cut-off, in turn. Prints seconds of both and their ratio.
int run_cutoff(caf::actor_system& system, const CutoffOptions& options);

}  // namespace hhgrid::bench
