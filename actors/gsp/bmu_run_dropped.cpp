#include "actors/gsp/bmu_run_dropped.hpp"

namespace hhgrid::actors {

BmuEffects turn(const BmuDay& state, const BmuRunDropped& message) {
  BmuEffects effects;
  effects.erased = message.run;
  if (const BmuRun* after = run_after(state, message.run))
    effects.changed.push_back(compared(*after, run_before(state, message.run)));
  return effects;
}

}  // namespace hhgrid::actors
