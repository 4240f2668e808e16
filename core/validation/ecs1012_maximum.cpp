#include "core/validation/ecs1012_maximum.hpp"

#include <algorithm>

namespace hhgrid::core {

std::uint64_t above_maximum_periods(const MeterDay& day, std::uint64_t periods, WattHours maximum) {
  // Nearly always there is none, and this loop has no branches.
  WattHours greatest = 0;
  for (const auto energy : day.energy_wh) greatest = std::max(greatest, energy);
  if (greatest <= maximum) return 0;
  std::uint64_t above = 0;
  each_period(day.present & periods, [&](std::size_t i) {
    if (day.energy_wh[i] > maximum) above |= std::uint64_t{1} << i;
  });
  return above;
}

}  // namespace hhgrid::core
