#pragma once

#include <vector>

#include "net/tables/table_list.hpp"

namespace hhgrid::net {

/// What is held of meters beside consumption.
std::vector<ExportTable> meter_record_tables();

}  // namespace hhgrid::net
