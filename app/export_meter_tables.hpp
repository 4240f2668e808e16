#pragma once

#include <vector>

#include "app/export_tables.hpp"

namespace hhgrid::app {

/// The half hours of meters.
std::vector<ExportTable> meter_tables();
/// `defaults`: what a run defaulted, kept where the meters are.
Result<void> write_defaults(const ExportRequest& request, net::TableWriter& out);

}  // namespace hhgrid::app
