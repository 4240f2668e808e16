#pragma once

#include <tl/expected.hpp>

#include "actors/market/market_state.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// Fills a new state from the market partition's store: standing data, held runs, and runs in
/// flight with the messages they have taken. Errors: damaged (names the record), newer_format, io.
tl::expected<void, storage::Error> load_market(MarketState& state,
                                               const storage::Store::View& view);

}  // namespace hhgrid::actors
