#pragma once

#include <vector>

#include "actors/meter/versions.hpp"
#include "actors/query/inspected_meter.hpp"

namespace hhgrid::actors::inspection {

/// What the runs of the settlement days that share the UTC day used for the meter.
Json describe_meter_runs(InspectedMeter& meter, core::UtcDay day,
                         core::MeasurementQuantity quantity,
                         const std::vector<StoredVersion>& versions);

}  // namespace hhgrid::actors::inspection
