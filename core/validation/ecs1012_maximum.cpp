#include "core/validation/ecs1012_maximum.hpp"

namespace hhgrid::core {

std::uint64_t above_maximum_periods(const MeterDay& day, std::uint64_t periods, WattHours maximum) {
  // Nearly always there is none. All bits together are no less than the greatest of them, and the
  // processor takes several values at a time.
  WattHours bits = 0;
  for (const auto energy : day.energy_wh) bits |= energy;
  if (0 <= bits && bits <= maximum) return 0;
  std::uint64_t above = 0;
  each_period(day.present & periods, [&](std::size_t i) {
    if (day.energy_wh[i] > maximum) above |= std::uint64_t{1} << i;
  });
  return above;
}

}  // namespace hhgrid::core
