#pragma once

#include <vector>

#include "actors/gsp/run_results.hpp"
#include "actors/verify/audit_difference.hpp"
#include "core/calendar.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::actors {

/// All results of a run in export order, from wherever: its stored records, or recomputed.
struct RunResults {
  std::vector<core::GroupSettlement>
      settlements;  ///< By GSP Group; exceptions stand in the run's record.
  std::vector<DuosVolume> duos;
  std::vector<GroupDayShape> shapes;
};

/// Adds what one GSP Group's partition keeps of a run of a settlement day; nothing when it has not
/// settled it. Errors, as below: damaged, newer_format, io.
tl::expected<void, storage::Error> read_group_results(const View& view, std::uint32_t run,
                                                      core::SettlementDay day,
                                                      core::GspGroup gsp_group,
                                                      const core::SettlementCalendar& calendar,
                                                      RunResults& results);
/// Reads what all partitions keep of a run.
tl::expected<RunResults, storage::Error> read_run_results(const storage::StoreSet& stores,
                                                          const RunInfo& run,
                                                          const core::SettlementCalendar& calendar);
/// The digests of settlements.
std::vector<GroupDigest> digests_of(const std::vector<core::GroupSettlement>& settlements);

/// Compares row by row, period by period.
void compare_results(const RunResults& stored, const RunResults& recomputed, DifferenceLog& log);
void compare_exceptions(const std::vector<core::Exception>& stored,
                        const std::vector<core::Exception>& recomputed, DifferenceLog& log);

}  // namespace hhgrid::actors
