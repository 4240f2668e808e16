#pragma once

#include "actors/market/market_state.hpp"

namespace hhgrid::actors {

/// Keeps a meter partition's sums; with the last one the totals move on, the load shapes are made
/// and sent. Throws TurnFailure before anything has changed.
MarketEffects turn(MarketState& state, schema::RunSums::Reader message, EntryBytes bytes);

}  // namespace hhgrid::actors
