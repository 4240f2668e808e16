#pragma once

#include <array>
#include <vector>

#include "actors/meter/versions.hpp"
#include "actors/query/inspected_meter.hpp"

namespace hhgrid::actors::inspection {

/// What counts of a UTC day, and which version each period comes from.
struct CountingDay {
  MeterDay values;
  std::array<storage::Position, core::periods_per_utc_day> position{};
};
/// Lays versions, in order of their keys, as of a cut-off; what is refused does not count.
CountingDay count(const std::vector<StoredVersion>& versions,
                  const std::vector<core::RefusedPeriods>& refused, const AsOf& as_of = as_of_now);

/// The UTC day: per quantity its versions, what counts, and what every run took.
Json describe_meter_day(InspectedMeter& meter, core::UtcDay day);

}  // namespace hhgrid::actors::inspection
