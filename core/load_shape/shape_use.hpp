#pragma once

#include <optional>
#include <vector>

#include "core/load_shape/shape.hpp"

namespace hhgrid::core {

/// What a run takes for a missing value.
struct DefaultValue {
  WattHours energy_wh = 0;
  ShapeFlag flag = ShapeFlag::no_data;
  bool exception = false;  ///< There was neither a shape nor an annual consumption.
};
/// `arithmetic.md` section 4 for one period without a value of an energised meter. `shape_wh` and
/// `flag` are the load shape's of the period, `annual_total_wh` its rolling annual total;
/// `annual_consumption` is the meter's AC in Wh, or nothing. An annual total of 0 is treated as
/// flag B is, and the flag stays the shape's.
DefaultValue default_value(MeasurementQuantity quantity, WattHours shape_wh, ShapeFlag flag,
                           WattHours annual_total_wh, std::optional<WattHours> annual_consumption);

/// `arithmetic.md` section 5: spreads an advance in Wh over periods by their shape values, exactly;
/// equal shares when all of them are zero. As many values as `shape` has; no periods give no
/// values.
std::vector<WattHours> spread_advance(WattHours advance, const std::vector<WattHours>& shape);

}  // namespace hhgrid::core
