#pragma once

#include "actors/gsp/gsp_group.hpp"

namespace hhgrid::actors {

/// Keeps a GSP Group Take. One that repeats the day's newest version changes nothing. Throws
/// TurnFailure before anything has changed.
MarketEffects take_turn(GspGroupState& state, schema::Entry::Reader entry, EntryBytes bytes,
                        const TurnContext& context, const StandingPorts& ports);

}  // namespace hhgrid::actors
