#pragma once

#include <vector>

#include "actors/gsp/run_results.hpp"
#include "actors/verify/audit_difference.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors {

/// All results of a run in export order, from wherever: its stored records, or recomputed.
struct RunResults {
  std::vector<core::GroupSettlement>
      settlements;  ///< By GSP Group; exceptions stand in the run's record.
  std::vector<DuosVolume> duos;
  std::vector<GroupDayShape> shapes;
};

/// Reads what is stored. Errors: damaged, newer_format, io.
tl::expected<RunResults, storage::Error> read_run_results(const View& view, const RunInfo& run,
                                                          const core::SettlementCalendar& calendar);

/// Compares row by row, period by period.
void compare_results(const RunResults& stored, const RunResults& recomputed, DifferenceLog& log);
void compare_exceptions(const std::vector<core::Exception>& stored,
                        const std::vector<core::Exception>& recomputed, DifferenceLog& log);

}  // namespace hhgrid::actors
