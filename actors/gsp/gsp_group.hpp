#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "actors/gsp/bmu.hpp"
#include "actors/host/fold.hpp"
#include "actors/host/market_effects.hpp"
#include "actors/standing/standing_state.hpp"
#include "core/calendar.hpp"
#include "core/types.hpp"
#include "storage/wire/topology.hpp"

namespace hhgrid::actors {

/// The GSP Group actor: it keeps the group's takes, settles the group when a run tells it to, and
/// tells its BM units what they were given. The turns below are its only way to change.
struct GspGroupState {
  core::GspGroup gsp_group;
  const core::SettlementCalendar& calendar;
  storage::Topology topology;
  StandingState takes;  ///< Every GSP Group Take of the group, by settlement day.
};

/// What a turn may read beside the state: what the partition's store holds, the turns before it in
/// the block included. All throw TurnFailure when a record is damaged.
struct GspGroupPorts {
  std::function<BmuDay(const BmuAddress&, core::SettlementDay)> bmu_day;
  /// Every unit that a run of the day gave volumes to.
  std::function<std::vector<BmuDay>(core::SettlementDay)> bmu_days;
  /// The keys in Family::run of a run's results.
  std::function<std::vector<std::string>(std::uint32_t run)> result_keys;
};

// -- turns --------------------------------------------------------------------------------------
// Each takes one message, changes the state, and returns what else is to be done. Throws
// TurnFailure before anything has changed when the message cannot be taken.

/// Keeps a GSP Group Take. One that repeats the day's newest version changes nothing.
MarketEffects take_turn(GspGroupState& state, schema::Entry::Reader entry, EntryBytes bytes,
                        const TurnContext& context);
/// Settles the group for a run (`arithmetic.md` sections 6 and 7) with the takes that have come so
/// far, keeps the results with what they were made of, gives the BM units their volumes, and
/// answers the market partition. Nobody shows the results before the run's record says that they
/// are published or held.
MarketEffects turn(const GspGroupState& state, schema::GroupRun::Reader message, EntryBytes bytes,
                   const TurnContext& context, const GspGroupPorts& ports);
/// The run is refused: nothing of it stays.
MarketEffects turn(const GspGroupState& state, schema::GroupRunDropped::Reader message,
                   const GspGroupPorts& ports);

/// Answers a run that the group cannot settle for a reason that is not the market's.
MarketEffects refuse_run(const GspGroupState& state, std::uint32_t run, const std::string& reason);

}  // namespace hhgrid::actors
