#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include <kj/common.h>

#include "actors/host/fold.hpp"
#include "actors/host/market_effects.hpp"
#include "actors/market/day_closing.hpp"
#include "actors/market/load_shape.hpp"
#include "actors/market/market_run.hpp"
#include "actors/standing/standing_state.hpp"
#include "core/allocation/settle.hpp"
#include "core/calendar.hpp"
#include "core/load_shape/shape.hpp"
#include "storage/wire/topology.hpp"

namespace hhgrid::actors {

/// What a turn may read of the run ledger beside the state: runs as the store has them, without
/// what this block has changed. All throw StoreFailure when a record is damaged.
struct MarketPorts {
  std::function<std::optional<RunInfo>(std::uint32_t number)> run;
  std::function<std::optional<RunInfo>(std::uint64_t request_id)> run_of_request;
  /// Whether a UTC day is closed, and the latest load shapes published for it.
  std::function<bool(core::UtcDay)> is_closed;
  std::function<PublishedDay(core::UtcDay)> published;
};

/// The state of the market partition's actors. The turns below are its only way to change.
struct MarketState {
  MarketState(const core::SettlementCalendar& calendar, storage::Topology topology,
              ShapeTotals::ReadDays read_days, MarketPorts ports)
      : calendar(calendar),
        topology(topology),
        ports(std::move(ports)),
        shape_totals(std::move(read_days)) {}

  const core::SettlementCalendar& calendar;
  const storage::Topology topology;
  const MarketPorts ports;

  /// Back to what it was before anything was read from the store.
  void clear() {
    standing = {};
    shape_totals.clear();
    run_count = 0;
    open.clear();
    held.clear();
    requests.clear();
    released.clear();
    closings.clear();
    closed.clear();
    published.clear();
  }
  bool is_closed(core::UtcDay day) const { return closed.contains(day) || ports.is_closed(day); }
  PublishedDay published_of(core::UtcDay day) const {
    PublishedDay latest = ports.published(day);
    if (const auto found = published.find(day); found != published.end())
      for (const auto& [group, shape] : found->second) latest.insert_or_assign(group, shape);
    return latest;
  }
  /// After the commit of a block: the store has what it has changed.
  void committed() {
    requests.clear();
    released.clear();
    closed.clear();
    published.clear();
  }

  StandingState standing;
  ShapeTotals shape_totals;
  std::uint32_t run_count = 0;            ///< Run numbers handed out.
  std::map<std::uint32_t, OpenRun> open;  ///< By run number.
  std::map<std::uint32_t, RunInfo>
      held;  ///< Settled, but not published until an operator releases them.
  /// Where each request's run stands that this block has changed; the store has the others.
  std::map<std::uint64_t, RunEvent> requests;
  std::map<std::uint32_t, RunInfo> released;       ///< By this block; the store has the others.
  OpenClosings closings;                           ///< Of UTC days.
  std::set<core::UtcDay> closed;                   ///< By this block; the store has the others.
  std::map<core::UtcDay, PublishedDay> published;  ///< Likewise.
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
/// Keeps a meter partition's defaults; with the last one every GSP Group that has meters is told to
/// settle.
MarketEffects turn(MarketState& state, schema::RunDefaults::Reader defaults, EntryBytes bytes);
/// Keeps a GSP Group's answer; with the last one the run is published, held or refused: from this
/// commit on its results are there for everybody.
MarketEffects turn(MarketState& state, schema::GroupSettled::Reader answer, EntryBytes bytes);
/// Publishes a held run. One that was released before only tells again where it stands.
MarketEffects turn(MarketState& state, schema::RunRelease::Reader release);

RunEvent event_of(const RunInfo& run);

}  // namespace hhgrid::actors
