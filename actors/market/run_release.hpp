#pragma once

#include "actors/market/market_state.hpp"

namespace hhgrid::actors {

/// Publishes a held run. One that was released before only tells again where it stands. Throws
/// TurnFailure before anything has changed.
MarketEffects turn(MarketState& state, schema::RunRelease::Reader release);

}  // namespace hhgrid::actors
