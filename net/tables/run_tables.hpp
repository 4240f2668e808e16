#pragma once

#include <vector>

#include "net/tables/table_list.hpp"

namespace hhgrid::net {

/// What a run has settled.
std::vector<ExportTable> run_tables();

}  // namespace hhgrid::net
