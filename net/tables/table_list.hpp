#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/gsp/run_results.hpp"
#include "core/calendar.hpp"
#include "net/files/csv_writer.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::net {

/// Digits after the point of kWh in every table.
inline constexpr int kwh_decimals = 3;

/// What an export is asked for.
struct ExportRequest {
  storage::StoreSet stores;
  const core::SettlementCalendar& calendar;
  const actors::RunInfo* run = nullptr;  ///< Set for the tables of a run.
  std::optional<std::int32_t>
      day;  ///< Of consumption a UTC day, of registrations a settlement day.
  bool all_versions = false;
  std::optional<core::Instant> as_of;
};

/// One of the tables that can be exported; columns as docs/formats.md says.
struct ExportTable {
  std::string_view kind;
  std::vector<std::string> columns;
  std::function<tl::expected<void, storage::Error>(const ExportRequest&, TableWriter&)> write;
  bool of_run = false;  ///< Of stored data otherwise.
  /// Of stored data: knows --day, --all-versions, --as-of.
  bool by_day = false, by_version = false, by_cutoff = false;
};

/// All of them, those of a run first.
const std::vector<ExportTable>& export_tables();
/// Null when there is none of that kind.
const ExportTable* find_export_table(std::string_view kind);

}  // namespace hhgrid::net
