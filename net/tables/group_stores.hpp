#pragma once

#include <functional>

#include "actors/gsp/run_results.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::net {

/// Calls `visit` for the store of every GSP Group's partition that has one, by group. They hold the
/// results of runs: whether there are any to show, the run's own record says first.
using VisitGroup = std::function<tl::expected<void, storage::Error>(const actors::View& view,
                                                                    core::GspGroup gsp_group)>;
tl::expected<void, storage::Error> for_each_group(const storage::StoreSet& stores,
                                                  const VisitGroup& visit);

}  // namespace hhgrid::net
