#pragma once

#include <string>
#include <vector>

#include "actors/grid/grid.hpp"
#include "actors/gsp/run_results.hpp"
#include "app/context.hpp"

namespace hhgrid::app {

/// A run's results in a few numbers, per GSP Group.
struct GroupSummary {
  std::string gsp_group;
  core::WattHours group_take_wh = 0, uncorrected_wh = 0, import_wh = 0, export_wh = 0;
  core::WattHours actual_wh = 0, defaulted_wh = 0,
                  consumption_wh = 0;  ///< Of consumption components, in + out.
  /// 1e-9: least, mean and greatest over the periods.
  std::int64_t gcf_import_min = 0, gcf_import_mean = 0, gcf_import_max = 0;
  std::int64_t gcf_export_min = 0, gcf_export_mean = 0, gcf_export_max = 0;
  std::size_t bmus = 0, components = 0;
};

Result<std::vector<GroupSummary>> summarise_run(const actors::Grid& grid,
                                                const actors::RunInfo& run);

/// How many exceptions there are of each kind, as a text; empty when there are none.
Result<std::string> exception_kinds(const actors::Grid& grid, const actors::RunInfo& run);

/// A share in per cent with one decimal: `97.3 %`; `-` of nothing.
std::string share_text(core::WattHours part, core::WattHours whole);
/// A factor of 1e-9 with five decimals.
std::string factor_text(std::int64_t factor);

/// The run for people, or as JSON.
std::string run_text(const Context& context, const actors::RunInfo& run,
                     const std::vector<GroupSummary>& groups, const std::string& exception_kinds);
std::string run_json(const actors::RunInfo& run, const std::vector<GroupSummary>& groups);

}  // namespace hhgrid::app
