#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "core/quality.hpp"
#include "core/types.hpp"

namespace hhgrid::core {

/// Bit p-1 of a mask of periods stands for UTC period p.
inline constexpr std::uint64_t all_periods_mask = (std::uint64_t{1} << periods_per_utc_day) - 1;

/// Half hours of one meter, one quantity, one UTC day: what one message carries of it, or what
/// counts of it after all its versions. Values stand by UTC period - 1 and mean something where the
/// period is present.
struct MeterDay {
  std::uint64_t present = 0;
  std::array<WattHours, periods_per_utc_day> energy_wh{};
  std::array<Quality, periods_per_utc_day> quality{};
  /// The periods whose value came with a reason, estimation's (DI-076) or amendment's (DI-166).
  std::uint64_t reasoned = 0;
  std::array<std::uint8_t, periods_per_utc_day> estimation_reason{};
  std::array<char, periods_per_utc_day> amendment_reason{};
};

/// Calls `visit(index)` for every period of the mask, in order; index = period - 1.
template <class Visit>
void each_period(std::uint64_t periods, Visit&& visit) {
  for (; periods != 0; periods &= periods - 1)
    visit(static_cast<std::size_t>(std::countr_zero(periods)));
}

/// The periods of `periods`, all present in both, in which the two do not say the same: another
/// energy, quality or reason.
std::uint64_t differing_periods(const MeterDay& a, const MeterDay& b, std::uint64_t periods);

/// Lays the given periods of a day over what was there.
void overlay(MeterDay& under, const MeterDay& day, std::uint64_t periods);

}  // namespace hhgrid::core
