#pragma once

#include "net/tables/table_list.hpp"

namespace hhgrid::net {

/// Writes the rows of standing data, of Group Takes and line losses the periods, that contradict
/// others of their delivery, as rows of the table `refusals`.
tl::expected<void, storage::Error> write_standing_refused(const ExportRequest& request,
                                                          TableWriter& out);

}  // namespace hhgrid::net
