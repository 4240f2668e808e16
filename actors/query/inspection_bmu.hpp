#pragma once

#include <cstdint>
#include <optional>

#include "actors/query/inspection.hpp"
#include "actors/query/inspection_reading.hpp"

namespace hhgrid::actors::inspection {

/// A BM unit: registrations, and per run of the settlement day its volumes, what they changed from
/// the run before, and its components. Throws ReadFailure, Errc::unknown when the grid knows
/// nothing of it.
Json describe_bmu(const InspectionSource& source, const core::BmuId& bmu,
                  std::optional<std::int32_t> day);

}  // namespace hhgrid::actors::inspection
