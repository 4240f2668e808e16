#pragma once

#include "actors/gsp/bmu.hpp"

namespace hhgrid::actors {

/// From its GSP Group: a run is refused, so that what it gave never was.
struct BmuRunDropped {
  std::uint32_t run = 0;
};

/// Forgets the run; the run after it is compared with the one before.
BmuEffects turn(const BmuDay& state, const BmuRunDropped& message);

}  // namespace hhgrid::actors
