#pragma once

#include "actors/market/market_state.hpp"

namespace hhgrid::actors {

/// Keeps a meter partition's defaults; with the last one every GSP Group that has meters is told to
/// settle. Throws TurnFailure before anything has changed.
MarketEffects turn(MarketState& state, schema::RunDefaults::Reader message, EntryBytes bytes);

}  // namespace hhgrid::actors
