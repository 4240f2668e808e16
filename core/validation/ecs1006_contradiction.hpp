#pragma once

#include <cstdint>

#include "core/meter_day.hpp"

namespace hhgrid::core {

/// ECS1006: the half hours of which two messages of one delivery say different things: another
/// energy, quality or reason. Both are refused, since nobody can tell which is meant. What says the
/// same twice contradicts nothing. (Of two deliveries the later one counts: they are not compared.)
inline std::uint64_t contradicted_periods(const MeterDay& earlier, const MeterDay& later) {
  return differing_periods(earlier, later, earlier.present & later.present);
}

}  // namespace hhgrid::core
