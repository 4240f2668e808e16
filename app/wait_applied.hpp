#pragma once

#include "actors/grid/grid.hpp"
#include "app/context.hpp"

namespace hhgrid::app {

/// Waits until every partition has applied what is durable, and says how far that is.
tl::expected<void, storage::Error> wait_applied(const Context& context, actors::Grid& grid);

}  // namespace hhgrid::app
