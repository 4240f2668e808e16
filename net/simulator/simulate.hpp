#pragma once

#include <cstdint>

#include <tl/expected.hpp>

#include "net/files/ingest_error.hpp"
#include "net/simulator/population.hpp"
#include "net/simulator/simulation_output.hpp"

namespace hhgrid::net {

struct SimulationOptions {
  PopulationOptions population;
  bool first_wave = true;  ///< Standing data, registrations and what is delivered in time.
  bool late_wave = true;   ///< What is delivered late, and corrections.
  /// The GSP Group Take is what the meters took, with losses, plus up to so many millionths.
  std::uint32_t residual_ppm_max = 20'000;
};

struct SimulationSummary {
  std::uint64_t registrations = 0, annual_consumptions = 0, group_takes = 0;
  std::uint64_t meter_days = 0, meter_days_in_time = 0, meter_days_late = 0;
  core::WattHours energy_wh = 0;  ///< What the meters took less what they gave, truly.
};

/// Makes a population with everything that a settlement needs, in dependency order: bank holidays,
/// BMUs, component classes, line losses, default shapes, run dates, registrations, annual
/// consumption, consumption, and at last GSP Group Takes, for every settlement day that the
/// readings cover whole.
tl::expected<SimulationSummary, IngestError> simulate(const SimulationOptions& options,
                                                      SimulationOutput& output);

}  // namespace hhgrid::net
