#pragma once

#include <cstdint>
#include <optional>

#include "actors/query/inspection.hpp"
#include "actors/query/inspection_reading.hpp"

namespace hhgrid::actors::inspection {

/// A load shape on a UTC day: running sums of actuals, and the values and totals that runs used.
/// Throws ReadFailure, Errc::unknown when the grid knows nothing of it.
Json describe_load_shape(const InspectionSource& source, const core::ShapeGroup& group,
                         std::optional<std::int32_t> day);

}  // namespace hhgrid::actors::inspection
