#pragma once

#include <cstdint>
#include <map>

#include <kj/common.h>

#include "actors/host/fold.hpp"
#include "actors/host/market_effects.hpp"
#include "actors/market/load_shape.hpp"
#include "actors/market/market_run.hpp"
#include "actors/market/standing_state.hpp"
#include "core/allocation/settle.hpp"
#include "core/calendar.hpp"
#include "core/load_shape/shape.hpp"

namespace hhgrid::actors {

/// The bytes of the entry that a turn is for.
using EntryBytes = kj::ArrayPtr<const capnp::word>;

/// The state of the market partition's actors. The turns below are its only way to change.
struct MarketState {
  MarketState(const core::SettlementCalendar& calendar, storage::PartitionId meter_partitions,
              ShapeTotals::ReadDays read_days)
      : calendar(calendar),
        meter_partitions(meter_partitions),
        shape_totals(std::move(read_days)) {}

  const core::SettlementCalendar& calendar;
  const storage::PartitionId meter_partitions;

  /// Back to what it was before anything was read from the store.
  void clear() {
    standing = {};
    shape_totals.clear();
    run_count = 0;
    open.clear();
    held.clear();
    requests.clear();
  }

  StandingState standing;
  ShapeTotals shape_totals;
  std::uint32_t run_count = 0;            ///< Run numbers handed out.
  std::map<std::uint32_t, OpenRun> open;  ///< By run number.
  std::map<std::uint32_t, RunInfo>
      held;  ///< Settled, but not published until an operator releases them.
  std::map<std::uint64_t, RunEvent> requests;  ///< Where each request's run stands.
};

// -- turns --------------------------------------------------------------------------------------
// Each takes one message, changes the state, and returns what else is to be done. Throws
// TurnFailure before anything has changed when the message cannot be taken. An assertion may stop a
// turn half-way: the fold then reads the state anew.

/// Hands out a run number and asks every meter partition for its sums, or refuses a day outside the
/// calendar. The run uses the standing data as of this entry. A request id that was taken before
/// only tells again where its run stands.
MarketEffects turn(MarketState& state, schema::RunRequest::Reader request,
                   const TurnContext& context);
/// Keeps a meter partition's sums; with the last one the totals move on, the load shapes are made
/// and sent.
MarketEffects turn(MarketState& state, schema::RunSums::Reader sums, EntryBytes bytes);
/// Keeps a meter partition's defaults; with the last one the run is settled.
MarketEffects turn(MarketState& state, schema::RunDefaults::Reader defaults, EntryBytes bytes);
/// Publishes a held run. One that was released before only tells again where it stands.
MarketEffects turn(MarketState& state, schema::RunRelease::Reader release);

RunEvent event_of(const RunInfo& run);

}  // namespace hhgrid::actors
