#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct NationalOptions {
  std::uint32_t meters = 32'000'000;
  std::int32_t days = 1;
  std::uint16_t partitions = 64;
  std::filesystem::path directory;  ///< Where the data directory is made and removed again.
  int runs = 3;                     ///< Of the settlement run and of opening; loading is once.
  Report report;                    ///< Told of each figure.
};

/// A whole country on one machine: registrations, annual consumption and readings of every meter
/// from the simulator straight into a grid with all meters resident, then runs, an audit of the
/// last one (which must be equal), and opening again. Reports one comparable line each for
///  - `national-load`: seconds until all is durable and applied, generation included;
///  - `national-run`, `national-audit`, `national-open`: seconds;
///  - `national-memory`: the process's greatest resident size.
int run_national(caf::actor_system& system, const NationalOptions& options);

}  // namespace hhgrid::bench
