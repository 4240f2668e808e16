#pragma once

#include <vector>

#include "app/export_tables.hpp"

namespace hhgrid::app {

/// What waits for market participants.
std::vector<ExportTable> outbox_tables();

}  // namespace hhgrid::app
