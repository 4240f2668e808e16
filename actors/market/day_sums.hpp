#pragma once

#include "actors/market/market_state.hpp"

namespace hhgrid::actors {

/// A meter partition's answer to a closing; with the last one the shapes of the day are published,
/// and those before whose values or flags have changed. Throws TurnFailure before anything has
/// changed.
MarketEffects turn(MarketState& state, schema::DaySums::Reader sums, EntryBytes bytes);

}  // namespace hhgrid::actors
