#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "actors/gsp/run_results.hpp"
#include "core/calendar.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::net {

/// What a run gave a GSP Group, in a few numbers.
struct GroupSummary {
  std::string gsp_group;
  core::WattHours group_take_wh = 0, uncorrected_wh = 0, import_wh = 0, export_wh = 0;
  core::WattHours actual_wh = 0, defaulted_wh = 0,
                  consumption_wh = 0;  ///< Of consumption components, in + out.
  /// 1e-9: least, mean and greatest over the periods.
  std::int64_t gcf_import_min = 0, gcf_import_mean = 0, gcf_import_max = 0;
  std::int64_t gcf_export_min = 0, gcf_export_mean = 0, gcf_export_max = 0;
  std::uint64_t bmus = 0, components = 0;
};

struct RunSummary {
  std::vector<GroupSummary> groups;                 ///< By group; none without results.
  std::map<std::string, std::uint64_t> exceptions;  ///< How many of each kind.
};

/// Errors: the stores'.
tl::expected<RunSummary, storage::Error> summarise_run(const storage::StoreSet& stores,
                                                       const core::SettlementCalendar& calendar,
                                                       const actors::RunInfo& run);

}  // namespace hhgrid::net
