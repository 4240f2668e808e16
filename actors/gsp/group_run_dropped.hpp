#pragma once

#include "actors/gsp/gsp_group.hpp"

namespace hhgrid::actors {

/// The run is refused: nothing of it stays. Throws TurnFailure before anything has changed.
MarketEffects turn(const GspGroupState& state, schema::GroupRunDropped::Reader message,
                   const GspGroupPorts& ports);

}  // namespace hhgrid::actors
