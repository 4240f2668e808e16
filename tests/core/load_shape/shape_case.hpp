#pragma once

#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/decimal.hpp"
#include "core/load_shape/shape.hpp"

namespace hhgrid::core {

inline constexpr int minimum = 10;

inline ShapeGroup group(std::string_view text) { return ShapeGroup::parse(text).value(); }
inline UtcDay day(std::string_view text) { return parse_utc_day(text).value(); }

/// Sums that a test states group by group and day by day.
class Sums {
 public:
  /// `count` meters whose mean is `mean_wh` in every period.
  void put(const ShapeGroup& group, UtcDay day, WattHours mean_wh, std::int32_t count = minimum) {
    for (int period = 1; period <= 48; ++period) put(group, day, period, mean_wh * count, count);
  }
  void put(const ShapeGroup& group, UtcDay day, int period, WattHours sum_wh, std::int32_t count) {
    auto& sums = sums_[{group, day}];
    sums.energy_wh[static_cast<std::size_t>(period - 1)] = sum_wh;
    sums.count[static_cast<std::size_t>(period - 1)] = count;
  }
  Shape shape(const ShapeGroup& group, UtcDay day) const {
    ShapeCalculator calculator(policy, lookup(), default_shapes, bank_holidays);
    return calculator.shape(group, day);
  }
  ShapeSumsLookup lookup() const {
    return [this](const ShapeGroup& group, UtcDay day) -> const ShapeSums* {
      const auto found = sums_.find({group, day});
      return found == sums_.end() ? nullptr : &found->second;
    };
  }

  ShapePolicy policy;
  std::vector<DefaultShapeRow> default_shapes;
  std::set<std::int32_t> bank_holidays;

 private:
  std::map<std::pair<ShapeGroup, UtcDay>, ShapeSums> sums_;
};

inline const auto domestic = group("_C.W.S.T.AI");
inline const auto not_split = group("_C.W.S.*.AI");
inline const auto national = group("*.W.S.*.AI");
inline const auto wednesday = day("2026-02-11");

inline void expect_value(const Shape& shape, int period, WattHours energy_wh, ShapeFlag flag) {
  EXPECT_EQ(shape.energy_wh[static_cast<std::size_t>(period - 1)], energy_wh)
      << "period " << period;
  EXPECT_EQ(static_cast<char>(shape.flag[static_cast<std::size_t>(period - 1)]),
            static_cast<char>(flag))
      << "period " << period;
}

/// A default shape for anything, with one value in every period.
inline DefaultShapeRow row(WattHours energy_wh) {
  DefaultShapeRow row;
  row.energy_wh.fill(energy_wh);
  return row;
}

}  // namespace hhgrid::core
