#pragma once

#include <vector>

#include "net/tables/table_list.hpp"

namespace hhgrid::net {

/// What waits for market participants.
std::vector<ExportTable> outbox_tables();

}  // namespace hhgrid::net
