#include "core/validation/ecs1008_not_actual.hpp"

namespace hhgrid::core {

std::uint64_t not_actual_periods(const MeterDay& day, std::uint64_t de_energised) {
  std::uint64_t periods = 0;
  each_period(day.present & de_energised, [&](std::size_t i) {
    if (quality_class(day.quality[i]) == QualityClass::estimated) periods |= std::uint64_t{1} << i;
  });
  return periods;
}

}  // namespace hhgrid::core
