#pragma once

#include "actors/market/market_state.hpp"

namespace hhgrid::actors {

/// Keeps a GSP Group's answer; with the last one the run is published, held or refused: from this
/// commit on its results are there for everybody. Throws TurnFailure before anything has changed.
MarketEffects turn(MarketState& state, schema::GroupSettled::Reader message, EntryBytes bytes);

}  // namespace hhgrid::actors
