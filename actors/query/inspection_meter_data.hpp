#pragma once

#include <map>

#include "actors/query/inspected_meter.hpp"

namespace hhgrid::actors::inspection {

/// The UTC days of a quantity on which the meter has values, by the presence records.
struct DataDays {
  core::UtcDay first, last;
  int days = 0, complete = 0;
};
/// One small record a day and quantity of the partition is read, and no version.
std::map<core::MeasurementQuantity, DataDays> data_days(const InspectedMeter& meter);

}  // namespace hhgrid::actors::inspection
