#pragma once

#include "actors/verify/check_meters.hpp"

namespace hhgrid::actors {

/// What runs have defaulted and what they wait for.
void check_meter_runs(Check& check, const CheckedMeters& meters);

}  // namespace hhgrid::actors
