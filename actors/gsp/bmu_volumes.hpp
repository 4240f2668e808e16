#pragma once

#include "actors/gsp/bmu.hpp"

namespace hhgrid::actors {

/// From its GSP Group: what a run has given the unit.
struct BmuVolumes {
  std::uint32_t run = 0;
  core::PeriodEnergy import_wh{}, export_wh{};
  std::vector<BmuClassVolume> classes;  ///< Their changes are the unit's to find.
};

/// Keeps the volumes with their change against the run before. A run whose number is taken is
/// replaced, and the run after it compared anew.
BmuEffects turn(const BmuDay& state, const BmuVolumes& message);

}  // namespace hhgrid::actors
