#include "actors/gsp/bmu_volumes.hpp"

namespace hhgrid::actors {

BmuEffects turn(const BmuDay& state, const BmuVolumes& message) {
  BmuEffects effects;
  effects.changed.push_back(
      compared({message.run, message.import_wh, message.export_wh, 0, message.classes},
               run_before(state, message.run)));
  if (const BmuRun* after = run_after(state, message.run))
    effects.changed.push_back(compared(*after, &effects.changed.front()));
  return effects;
}

}  // namespace hhgrid::actors
