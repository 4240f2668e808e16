#pragma once

#include "actors/market/market_state.hpp"

namespace hhgrid::actors {

/// Hands out a run number and asks every meter partition for its sums, or refuses a day outside the
/// calendar. The run uses the standing data as of this entry. A request id that was taken before
/// only tells again where its run stands. Throws TurnFailure before anything has changed.
MarketEffects turn(MarketState& state, schema::RunRequest::Reader request,
                   const TurnContext& context);

}  // namespace hhgrid::actors
