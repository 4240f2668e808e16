#pragma once

#include <vector>

#include "actors/grid/grid.hpp"
#include "storage/journal/journal.hpp"

namespace hhgrid::bench {

/// Two gateways, each with half of the partitions, append a block of each in turn. Throws what
/// stopped an append.
void feed(actors::Grid& grid, const std::vector<std::vector<storage::Block>>& blocks_by_partition);

}  // namespace hhgrid::bench
