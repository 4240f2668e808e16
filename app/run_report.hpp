#pragma once

#include <string>

#include "actors/gsp/run_results.hpp"
#include "app/context.hpp"
#include "net/tables/run_summary.hpp"

namespace hhgrid::app {

/// A share in per cent with one decimal: `97.3 %`; `-` of nothing.
std::string share_text(core::WattHours part, core::WattHours whole);
/// A factor of 1e-9 with five decimals.
std::string factor_text(std::int64_t factor);

/// The run for people, or as JSON.
std::string run_text(const Context& context, const actors::RunInfo& run,
                     const net::RunSummary& summary);
std::string run_json(const actors::RunInfo& run, const net::RunSummary& summary);

}  // namespace hhgrid::app
