#pragma once

#include "core/types.hpp"

namespace hhgrid::core {

/// Settlement period quality indicator (DI-083), in the schema's order.
enum class Quality : std::uint8_t {
  a,
  e,
  e0,
  e1,
  e2,
  e3,
  e4,
  e5,
  e6,
  e7,
  e8,
  e9,
  ze,
  ze1,
  ze2,
  ze3,
  a1,
  a2,
  a3,
  aae1,
  aae2,
  aae3,
  eae1,
  eae2,
  eae3,
  ea1,
  ea2,
  ea3,
  ea4,
  ea5,
  ea6,
  ea7,
  ea8,
  ea9,
  ea10,
  ea11,
  ea12,
  ea13
};
inline constexpr int quality_count = 38;
/// In an entry: qualities differ by period and stand in its detail.
inline constexpr std::uint8_t quality_per_period = 255;

/// How the ledger splits volumes: exactly `A` (DI-489), the other qualities that count as actual
/// for load shapes (`shape.actual_qualities`: A1-A3, AAE1-AAE3), and all the rest.
enum class QualityClass : std::uint8_t { actual, other_actual, estimated };
inline constexpr int quality_class_count = 3;

Parsed<Quality> parse_quality(std::string_view text);
std::string_view to_string(Quality);
/// `arithmetic.md` section 3: A A1 A2 A3 AAE1 AAE2 AAE3 are actuals.
QualityClass quality_class(Quality);
/// ZE ZE1 ZE2 ZE3: the value must be zero (ECS1011).
bool is_zero_estimate(Quality);

}  // namespace hhgrid::core
