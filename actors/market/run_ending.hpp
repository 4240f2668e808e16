#pragma once

#include "actors/market/market_state.hpp"

namespace hhgrid::actors {

/// State 3 to 4 of a run (OpenRun): publishes, holds or refuses it. The run is gone afterwards.
void finish_run(MarketState& state, OpenRun& run, MarketEffects& effects);

/// Ends a run that has `failed`, without results. The run is gone afterwards.
void refuse_run(MarketState& state, OpenRun& run, MarketEffects& effects);

}  // namespace hhgrid::actors
