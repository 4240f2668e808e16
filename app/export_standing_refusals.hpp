#pragma once

#include "app/export_tables.hpp"

namespace hhgrid::app {

/// Writes the rows of standing data, of Group Takes and line losses the periods, that contradict
/// others of their delivery, as rows of the table `refusals`.
Result<void> write_standing_refused(const ExportRequest& request, net::TableWriter& out);

}  // namespace hhgrid::app
