#pragma once

#include <memory>

#include "net/files/row_handler.hpp"

namespace hhgrid::net {

// Tables with a row a settlement period: line_losses.csv and group_takes.csv.

std::unique_ptr<RowHandler> line_loss_rows(RowContext& context);
std::unique_ptr<RowHandler> group_take_rows(RowContext& context);

}  // namespace hhgrid::net
