#pragma once

#include <vector>

#include "app/export_tables.hpp"

namespace hhgrid::app {

/// What is held of meters beside consumption.
std::vector<ExportTable> meter_record_tables();

}  // namespace hhgrid::app
