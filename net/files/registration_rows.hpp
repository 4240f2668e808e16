#pragma once

#include <memory>

#include "net/files/row_handler.hpp"

namespace hhgrid::net {

// What is known of a meter: registrations.csv, annual_consumption.csv and meters.csv.

std::unique_ptr<RowHandler> registration_rows(RowContext& context);
std::unique_ptr<RowHandler> annual_consumption_rows(RowContext& context);
std::unique_ptr<RowHandler> meter_rows(RowContext& context);

}  // namespace hhgrid::net
