#pragma once

#include <functional>

#include "actors/grid/grid.hpp"
#include "actors/gsp/run_results.hpp"
#include "app/failure.hpp"

namespace hhgrid::app {

/// Calls `visit` for the store of every GSP Group's partition that has one, by group. They hold the
/// results of runs: whether there are any to show, the run's own record says first.
using VisitGroup = std::function<tl::expected<void, storage::Error>(const actors::View& view,
                                                                    core::GspGroup gsp_group)>;
Result<void> for_each_group(const actors::Grid& grid, const VisitGroup& visit);

}  // namespace hhgrid::app
