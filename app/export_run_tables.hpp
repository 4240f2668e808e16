#pragma once

#include <vector>

#include "app/export_tables.hpp"

namespace hhgrid::app {

/// What a run has settled.
std::vector<ExportTable> run_tables();

}  // namespace hhgrid::app
