#pragma once

#include <vector>

#include "app/export_tables.hpp"

namespace hhgrid::app {

/// What the market's rules refuse.
std::vector<ExportTable> refusal_tables();

}  // namespace hhgrid::app
