#include "core/load_shape/shape_use.hpp"

#include <algorithm>
#include <numeric>

#include "core/decimal.hpp"

namespace hhgrid::core {
namespace {

/// More than any meter takes in a year; a million of them add up without overflow.
constexpr WattHours default_energy_max = WattHours{1} << 42;
constexpr int half_hours_per_year = 365 * periods_per_utc_day;

WattHours rounded(Int128 numerator, Int128 denominator) {
  return static_cast<WattHours>(round_half_away(numerator, denominator));
}

bool is_export(MeasurementQuantity quantity) {
  return quantity == MeasurementQuantity::active_export ||
         quantity == MeasurementQuantity::reactive_export;
}

/// What is not of this world, from an annual total near zero, must not overflow either.
WattHours scaled(WattHours shape_wh, WattHours annual_consumption, WattHours annual_total_wh) {
  return static_cast<WattHours>(
      std::clamp<Int128>(round_half_away(Int128{shape_wh} * annual_consumption, annual_total_wh),
                         -default_energy_max, default_energy_max));
}

}  // namespace

DefaultValue default_value(MeasurementQuantity quantity, WattHours shape_wh, ShapeFlag flag,
                           WattHours annual_total_wh, std::optional<WattHours> annual_consumption) {
  if (annual_consumption) {
    const bool flat = flag == ShapeFlag::no_data || annual_total_wh == 0;
    return {flat ? rounded(*annual_consumption, half_hours_per_year)
                 : scaled(shape_wh, *annual_consumption, annual_total_wh),
            flag};
  }
  if (flag == ShapeFlag::no_data) return {0, flag, true};
  return {is_export(quantity) ? 0 : shape_wh, flag};
}

std::vector<WattHours> spread_advance(WattHours advance, const std::vector<WattHours>& shape) {
  if (shape.empty()) return {};
  const Int128 sum = std::accumulate(shape.begin(), shape.end(), Int128{0});
  std::vector<WattHours> values;
  values.reserve(shape.size());
  for (const WattHours share : shape) {
    values.push_back(sum == 0 ? rounded(advance, static_cast<Int128>(shape.size()))
                              : rounded(Int128{advance} * share, sum));
  }
  const auto spread = std::accumulate(values.begin(), values.end(), WattHours{0});
  *std::max_element(values.begin(), values.end()) += advance - spread;
  return values;
}

}  // namespace hhgrid::core
