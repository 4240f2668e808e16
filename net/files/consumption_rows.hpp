#pragma once

#include <memory>

#include "net/files/row_handler.hpp"

namespace hhgrid::net {

// consumption.csv and consumption_wide.csv.

std::unique_ptr<RowHandler> consumption_rows(RowContext& context);
std::unique_ptr<RowHandler> consumption_wide_rows(RowContext& context);

}  // namespace hhgrid::net
