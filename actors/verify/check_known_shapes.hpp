#pragma once

#include "actors/verify/check_report.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::actors {

/// Holds the load shapes that the meter partitions know against what the market partition has
/// published. Nothing is found of a partition that something is on the way to.
CheckReport check_known_shapes(const storage::StoreSet& stores);

}  // namespace hhgrid::actors
