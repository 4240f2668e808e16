#pragma once

#include <vector>

#include "net/tables/table_list.hpp"

namespace hhgrid::net {

/// What the market's rules refuse.
std::vector<ExportTable> refusal_tables();

}  // namespace hhgrid::net
