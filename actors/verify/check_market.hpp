#pragma once

#include "actors/verify/check_partition.hpp"

namespace hhgrid::actors {

/// Everything that only the market partition keeps.
void check_market_partition(Check& check, const MetaFacts& meta,
                            const std::optional<ReceivedTimes>& received, Fold::Identity identity);

}  // namespace hhgrid::actors
