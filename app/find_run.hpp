#pragma once

#include <string_view>

#include "actors/gsp/run_results.hpp"
#include "app/context.hpp"
#include "net/service/grid_records.hpp"

namespace hhgrid::app {

/// By id or `latest` (the published run with the highest number). A failure says which runs there
/// are.
Result<actors::RunInfo> find_run(const Context& context, net::GridRecords& grid,
                                 std::string_view id_or_latest, std::string_view option = "--run");
/// The last published run of a settlement day.
Result<actors::RunInfo> find_published_run(const Context& context, net::GridRecords& grid,
                                           core::SettlementDay day);

}  // namespace hhgrid::app
