#pragma once

#include "actors/market/market_state.hpp"

namespace hhgrid::actors {

/// A UTC day is closed: every meter partition is asked for what has changed. A day that is closed
/// or being closed stays as it is. Throws TurnFailure on a day outside the calendar.
MarketEffects turn(MarketState& state, schema::DayClosed::Reader closed,
                   const TurnContext& context);

}  // namespace hhgrid::actors
