#pragma once

#include <cstdint>
#include <filesystem>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

struct RegistrationsOptions {
  std::uint32_t meters = 10'000'000;
  std::int32_t days = 16;  ///< Stored by the meters that change their supplier, a tenth of all.
  std::uint16_t partitions = 16;
  std::filesystem::path
      directory;  ///< Where files and data directories are made and removed again.
  int runs = 3;
  Report report;  ///< Told of each figure.
};

/// Registrations from a CSV file, from opening it until every row is checked, durable and applied.
/// Reports one comparable line each for
///  - `registrations`: a row for every meter of a grid;
///  - `supplier-changes`: a row for a tenth as many meters that have `days` days of readings
///  stored, whose volumes move to the new supplier's terms from the middle day on.
int run_registrations(caf::actor_system& system, const RegistrationsOptions& options);

}  // namespace hhgrid::bench
