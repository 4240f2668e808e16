#pragma once

#include <string_view>
#include <vector>

#include "actors/grid/grid.hpp"
#include "actors/gsp/run_results.hpp"
#include "app/failure.hpp"

namespace hhgrid::app {

/// Every run of the grid in the order of their numbers.
Result<std::vector<actors::RunInfo>> all_runs(const actors::Grid& grid);
Result<std::vector<actors::RunInfo>> all_runs(const storage::Store& market);
/// By id or `latest` (the published run with the highest number). A failure says which runs there
/// are.
Result<actors::RunInfo> find_run(const storage::Store& market,
                                 const std::filesystem::path& directory,
                                 std::string_view id_or_latest, std::string_view option = "--run");
Result<actors::RunInfo> find_run(const actors::Grid& grid, std::string_view id_or_latest,
                                 std::string_view option = "--run");
/// The last published run of a settlement day.
Result<actors::RunInfo> find_published_run(const actors::Grid& grid, core::SettlementDay day);

}  // namespace hhgrid::app
