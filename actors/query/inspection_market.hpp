#pragma once

#include <optional>

#include "actors/query/inspection.hpp"
#include "actors/query/inspection_reading.hpp"

namespace hhgrid::actors::inspection {

// What the market partition's actors say of themselves. All throw ReadFailure, Errc::foreign when
// the grid knows nothing of the actor.

/// A BM unit: registrations, and per run of the settlement day its volumes, what they changed from
/// the run before, and its components.
Json describe_bmu(const InspectionSource& source, const core::BmuId& bmu,
                  std::optional<std::int32_t> day);
/// A GSP Group: the takes known, and per run of the settlement day factors, residual and
/// exceptions.
Json describe_gsp_group(const InspectionSource& source, core::GspGroup group,
                        std::optional<std::int32_t> day);
/// A load shape on a UTC day: running sums of actuals, and the values and totals that runs used.
Json describe_load_shape(const InspectionSource& source, const core::ShapeGroup& group,
                         std::optional<std::int32_t> day);

}  // namespace hhgrid::actors::inspection
