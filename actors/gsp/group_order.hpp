#pragma once

#include <cstdint>
#include <vector>

#include "actors/gsp/group_volumes.hpp"
#include "actors/standing/standing_row.hpp"
#include "core/allocation/settle.hpp"
#include "core/standing/standing_data.hpp"

namespace hhgrid::actors {

/// What the market partition tells a GSP Group in a run (schema GroupRun): all that settling it
/// needs beside the Group Take, which the group keeps itself. It is kept with the run, so that an
/// audit needs nobody's memory.
struct GroupOrder {
  std::uint32_t run = 0;
  core::GspGroup gsp_group;
  core::SettlementDay day;
  core::CorrectionMethod method{};
  std::vector<StandingRow> standing;  ///< As `standing_of_group` chooses it.
  std::vector<GroupVolume> volumes;
};

/// The rows of standing data that settling a group on a day can ask for: its BM units and the
/// component classes that are valid then, and of every distributor and LLFC of the volumes the line
/// loss factors that the day takes, also those it takes from an earlier day. Settling with them
/// alone gives the same bits as with all.
std::vector<StandingRow> standing_of_group(const core::StandingData& standing,
                                           core::GspGroup gsp_group, core::SettlementDay day,
                                           int period_count,
                                           const std::vector<GroupVolume>& volumes);
/// The rows as standing data.
core::StandingData standing_data_of(const std::vector<StandingRow>& rows);

void write_group_order(const GroupOrder& order, schema::GroupRun::Builder out);
/// Throws TurnFailure when a field does not hold.
GroupOrder read_group_order(schema::GroupRun::Reader in);

}  // namespace hhgrid::actors
