#pragma once

#include <deque>
#include <vector>

#include "actors/verify/audit_partition.hpp"
#include "actors/verify/audit_results.hpp"
#include "core/standing/standing_data.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::actors {

/// Settles every GSP Group from the recomputed sums and defaults, with the standing data of the
/// run's order and the Group Takes that had come when the group was told to settle. Also compares
/// what the group was told with what the run was to use. Adds the groups' and partitions'
/// exceptions. Errors: damaged, newer_format, io.
tl::expected<RunResults, storage::Error> audit_groups(const storage::StoreSet& stores,
                                                      const std::deque<PartitionAudit>& partitions,
                                                      const core::SettlementCalendar& calendar,
                                                      const RunInfo& run,
                                                      const core::StandingData& standing,
                                                      std::vector<core::Exception>& exceptions,
                                                      DifferenceLog& log);

}  // namespace hhgrid::actors
