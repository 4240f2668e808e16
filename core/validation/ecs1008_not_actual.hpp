#pragma once

#include <cstdint>

#include "core/meter_day.hpp"

namespace hhgrid::core {

/// ECS1008: of the given half hours, in which the meter is de-energised, those whose quality is not
/// one of the actual ones (zero estimates too).
std::uint64_t not_actual_periods(const MeterDay& day, std::uint64_t de_energised);

}  // namespace hhgrid::core
