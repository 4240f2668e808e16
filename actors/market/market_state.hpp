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

/// The state of the market partition's actors. Its only way to change are the turns: one function
/// `turn` a message, in a file of the message's name; those of standing data are in StandingState.
/// Each takes one message, changes the state, and returns what else is to be done. An assertion may
/// stop a turn half-way: the fold then reads the state anew.
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
  /// Throws TurnFailure when there is none.
  OpenRun& open_run(std::uint32_t number);
  /// Tells whoever asked for the run where it stands.
  void announce(const RunInfo& run, MarketEffects& effects);
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

}  // namespace hhgrid::actors
