#pragma once

#include <cstdint>
#include <optional>

#include "actors/query/inspection.hpp"
#include "actors/query/inspection_reading.hpp"

namespace hhgrid::actors::inspection {

/// Everything; throws ReadFailure, Errc::unknown when the partition does not know the meter.
Json describe_meter(const InspectionSource& source, core::Mpan mpan,
                    std::optional<std::int32_t> day);

}  // namespace hhgrid::actors::inspection
