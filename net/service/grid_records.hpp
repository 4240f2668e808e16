#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "actors/gsp/run_results.hpp"
#include "actors/verify/audit.hpp"
#include "actors/verify/check.hpp"
#include "net/files/csv_writer.hpp"
#include "net/tables/run_summary.hpp"
#include "storage/wire/error.hpp"

namespace hhgrid::net {

/// A table to be written; docs/formats.md has their columns.
struct TableRequest {
  std::string kind;
  std::vector<std::uint32_t> runs;  ///< Of a table of runs: their rows one after the other.
  std::optional<std::int32_t> day;  ///< Of other tables, where they know it.
  bool all_versions = false;
  std::optional<core::Instant> as_of;
  TableFormat format = TableFormat::csv;
};

/// What is stored of a grid: its runs, its tables, and the proof of both. Calls wait for their
/// answer. Errors: the stores'; of a grid elsewhere `unanswered`.
class GridRecords {
 public:
  virtual ~GridRecords() = default;

  /// Every run in the order of their numbers.
  virtual tl::expected<std::vector<actors::RunInfo>, storage::Error> runs() = 0;
  /// By id, or `latest`: the published run with the highest number. Nothing when there is none.
  virtual tl::expected<std::optional<actors::RunInfo>, storage::Error> find_run(
      std::string_view id_or_latest) = 0;
  /// The runs of a settlement day in the order of their numbers.
  virtual tl::expected<std::vector<actors::RunInfo>, storage::Error> runs_of_day(
      core::SettlementDay day) = 0;
  /// A run's results in a few numbers.
  virtual tl::expected<RunSummary, storage::Error> summarise(std::uint32_t run_number) = 0;

  /// Takes the bytes of a table; false ends the writing.
  using Output = std::function<bool(std::string_view)>;
  /// False when the output has refused bytes. Further errors: unknown (no such table or run).
  virtual tl::expected<bool, storage::Error> write_table(const TableRequest& request,
                                                         const Output& output) = 0;

  /// See actors::audit_run.
  virtual tl::expected<actors::AuditReport, storage::Error> audit(std::uint32_t run_number) = 0;
  /// See actors::check_stores.
  virtual tl::expected<actors::CheckReport, storage::Error> check() = 0;
};

}  // namespace hhgrid::net
