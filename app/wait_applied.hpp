#pragma once

#include "app/context.hpp"
#include "net/service/grid_service.hpp"

namespace hhgrid::app {

/// Waits until every partition has applied what is durable, and says how far that is.
tl::expected<void, storage::Error> wait_applied(const Context& context, net::GridService& grid);

}  // namespace hhgrid::app
