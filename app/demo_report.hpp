#pragma once

#include <filesystem>
#include <string>

#include "actors/grid/grid.hpp"
#include "actors/gsp/run_results.hpp"
#include "app/context.hpp"

namespace hhgrid::app {

// What the demonstration shows of two runs of one settlement day; everything is read from the grid.

/// Volumes of every balancing unit, and how they moved from the first run to the second.
Result<std::string> bmu_table(const Context& context, const actors::Grid& grid,
                              const actors::RunInfo& before, const actors::RunInfo& after);
/// Correction factors and shares of actual and defaulted volume per GSP Group and run.
Result<std::string> factor_table(const Context& context, const actors::Grid& grid,
                                 const actors::RunInfo& before, const actors::RunInfo& after);
/// The meters that moved most. `busiest` is set to the address of the first.
Result<std::string> change_table(const Context& context, const actors::Grid& grid,
                                 const actors::RunInfo& before, const actors::RunInfo& after,
                                 std::string& busiest);

}  // namespace hhgrid::app
