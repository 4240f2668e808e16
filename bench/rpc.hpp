#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct RpcOptions {
  std::uint32_t meters = 1'000'000;
  std::int32_t days = 5;
  std::uint16_t partitions = 16;
  std::filesystem::path directory;  ///< Where the data directories are made and removed again.
  int runs = 3;
  Report report;  ///< Told of each figure.
};

/// Simulated meter-days through RPC by a Unix socket, client and node in this process, from the
/// first message until all is applied and flushed; the same through an ingestion session beside it.
/// Reports one comparable line.
int run_rpc(caf::actor_system& system, const RpcOptions& options);

}  // namespace hhgrid::bench
