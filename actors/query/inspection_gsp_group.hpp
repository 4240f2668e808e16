#pragma once

#include <cstdint>
#include <optional>

#include "actors/query/inspection.hpp"
#include "actors/query/inspection_reading.hpp"

namespace hhgrid::actors::inspection {

/// A GSP Group: the takes known, and per run of the settlement day factors, residual and
/// exceptions. Throws ReadFailure, Errc::unknown when the grid knows nothing of it.
Json describe_gsp_group(const InspectionSource& source, core::GspGroup group,
                        std::optional<std::int32_t> day);

}  // namespace hhgrid::actors::inspection
