#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct HandlesOptions {
  std::uint32_t meters = 100'000;
  std::int32_t days = 10;  ///< Readings that each meter is sent.
  std::uint16_t partitions = 16;
  std::filesystem::path directory;  ///< Where the data directory is made and removed again.
  int runs = 5;
  Report report;  ///< Told of each figure.
};

/// Requests to meters by their handles with 1,000 outstanding: readings, each durable and applied
/// when it is replied to. Prints requests per second.
int run_handles(caf::actor_system& system, const HandlesOptions& options);

}  // namespace hhgrid::bench
