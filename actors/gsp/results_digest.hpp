#pragma once

#include <cstdint>
#include <vector>

#include "actors/gsp/run_results.hpp"

namespace hhgrid::actors {

/// XXH64 over the canonical bytes of a GSP Group's results: `G`, group, period count, then group
/// take, uncorrected, both factors, residual; its components in their order (`C`, supplier, BMU,
/// class, quantity, indicator, weight, count, uncorrected, corrected, actual, defaulted) and BMUs
/// (`B`, supplier, BMU, import, export). Numbers are 8 bytes little endian, texts end in a zero,
/// period arrays carry all 50 slots, 48 for shapes.
std::uint64_t group_digest(const core::GroupSettlement& settlement);
/// XXH64 over what a run has made; what `hhgrid audit` compares first: by GSP Group `G`, group,
/// digest; then the shapes by UTC day and group (`S`, day, group, values, flags, counts, totals).
/// Both may come in any order.
std::uint64_t results_digest(std::vector<GroupDigest> groups,
                             const std::vector<GroupDayShape>& shapes);

}  // namespace hhgrid::actors
