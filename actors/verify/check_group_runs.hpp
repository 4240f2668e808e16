#pragma once

#include "actors/verify/check_report.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::actors {

/// Holds what the GSP Groups keep of each run against the run's record: every group that has
/// results by the record keeps them with that digest, and none keeps those of a run that is
/// refused. Judges no run in flight, and no refused one while the market partition has a message
/// for the group on its way. Records that cannot be read are left to the checks of their own
/// stores.
CheckReport check_group_runs(const storage::StoreSet& stores);

}  // namespace hhgrid::actors
