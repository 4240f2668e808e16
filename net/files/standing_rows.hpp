#pragma once

#include <memory>

#include "net/files/row_handler.hpp"

namespace hhgrid::net {

// Standing data with a row a fact: bmus.csv, component_classes.csv, default_shapes.csv,
// run_dates.csv and bank_holidays.csv.

std::unique_ptr<RowHandler> bmu_rows(RowContext& context);
std::unique_ptr<RowHandler> component_class_rows(RowContext& context);
std::unique_ptr<RowHandler> default_shape_rows(RowContext& context);
std::unique_ptr<RowHandler> run_date_rows(RowContext& context);
std::unique_ptr<RowHandler> bank_holiday_rows(RowContext& context);

}  // namespace hhgrid::net
