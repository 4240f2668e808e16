#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct RestartOptions {
  std::uint32_t meters = 1'000'000;
  std::int32_t days = 16;
  std::uint16_t partitions = 16;
  std::filesystem::path directory;
  std::filesystem::path program =
      "/proc/self/exe";  ///< To be started again as the process that is killed.
  int runs = 5;
  Report report;  ///< Told of each figure.
};

/// Feeds for ever at full speed; says `ready` on standard output once all days are in. The victim
/// of `run_restart`.
int run_restart_victim(caf::actor_system& system, const RestartOptions& options);

/// Seconds until a data directory serves again whose process was killed (SIGKILL) at full speed.
/// Reports one comparable line.
int run_restart(caf::actor_system& system, const RestartOptions& options);

}  // namespace hhgrid::bench
