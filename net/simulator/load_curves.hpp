#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/types.hpp"

namespace hhgrid::net {

/// How the simulated meters spend a day.
enum class CurveKind : std::uint8_t { domestic, non_domestic, street_lighting, solar_export };
inline constexpr int curve_kind_count = 4;

inline constexpr int periods_per_year = 17'520;

/// Thousandths of the meter's mean over the year, per UTC period.
using Curve = std::array<std::int32_t, core::periods_per_utc_day>;

/// The curve of a UTC day: built-in winter and summer tables of week days and weekends, blended by
/// the month.
Curve day_curve(CurveKind kind, core::UtcDay day);
/// The curve in the middle of the year's swing, for default shapes.
Curve typical_curve(CurveKind kind, bool weekend);
/// The bank holidays of England and Wales in a year, with their substitute days; sorted.
/// Exceptional ones are not known.
struct NamedDay {
  std::int32_t day_number;
  const char* name;
};
std::vector<NamedDay> bank_holidays_of(int year);

}  // namespace hhgrid::net
