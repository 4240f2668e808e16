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
/// tells its BM units what they were given. Its only way to change are the turns for its messages:
/// group_take.hpp, group_run.hpp, group_run_dropped.hpp.
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

}  // namespace hhgrid::actors
