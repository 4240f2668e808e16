#pragma once

#include <string>

#include "actors/gsp/gsp_group.hpp"

namespace hhgrid::actors {

/// Settles the group for a run (`arithmetic.md` sections 6 and 7) with the takes that have come so
/// far, keeps the results with what they were made of, gives the BM units their volumes, and
/// answers the market partition. Nobody shows the results before the run's record says that they
/// are published or held. Throws TurnFailure before anything has changed.
MarketEffects turn(const GspGroupState& state, schema::GroupRun::Reader message, EntryBytes bytes,
                   const TurnContext& context, const GspGroupPorts& ports);

/// Answers a run that the group cannot settle for a reason that is not the market's.
MarketEffects refuse_run(const GspGroupState& state, std::uint32_t run, const std::string& reason);

}  // namespace hhgrid::actors
