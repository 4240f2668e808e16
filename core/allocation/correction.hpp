#pragma once

#include "core/allocation/settle_context.hpp"

namespace hhgrid::core::detail {

/// `arithmetic.md` 7: factors, corrected components and residual from components and Group Take.
void correct_components(SettleContext& context, CorrectionMethod method);

}  // namespace hhgrid::core::detail
