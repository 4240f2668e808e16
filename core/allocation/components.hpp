#pragma once

#include <vector>

#include "core/allocation/settle_context.hpp"

namespace hhgrid::core::detail {

/// `arithmetic.md` 6: fills `settlement.components`, uncorrected and sorted by (supplier, BMU,
/// class).
void build_components(SettleContext& context, const std::vector<TermsVolume>& volumes);

}  // namespace hhgrid::core::detail
