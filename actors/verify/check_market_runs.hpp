#pragma once

#include "actors/verify/check_partition.hpp"

namespace hhgrid::actors {

/// The runs of the market partition: their records and index, that every other record belongs to a
/// run that may have it, and that the groups' digests and the shapes have the digest that their run
/// says.
void check_market_runs(Check& check, const MetaFacts& meta, Fold::Identity identity);

}  // namespace hhgrid::actors
