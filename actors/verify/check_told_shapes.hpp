#pragma once

#include "actors/verify/check_report.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::actors {

/// Holds the market partition's totals of every load-shape group and UTC day against what the meter
/// partitions have told it. Judges nothing while a message from a meter partition is still on its
/// way. Records that cannot be read are left to the checks of their own stores.
CheckReport check_told_shapes(const storage::StoreSet& stores);

}  // namespace hhgrid::actors
