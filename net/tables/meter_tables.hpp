#pragma once

#include <vector>

#include "net/tables/table_list.hpp"

namespace hhgrid::net {

/// The half hours of meters.
std::vector<ExportTable> meter_tables();
/// `defaults`: what a run defaulted, kept where the meters are.
tl::expected<void, storage::Error> write_defaults(const ExportRequest& request, TableWriter& out);

}  // namespace hhgrid::net
