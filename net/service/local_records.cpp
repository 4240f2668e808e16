#include "net/service/local_records.hpp"

#include <fmt/format.h>

#include "net/tables/table_list.hpp"

namespace hhgrid::net {
namespace {

constexpr int check_threads = 2;

}  // namespace

tl::expected<std::vector<actors::RunInfo>, storage::Error> LocalRecords::runs() {
  return actors::list_runs(actors::View(stores_.market()));
}

tl::expected<std::optional<actors::RunInfo>, storage::Error> LocalRecords::find_run(
    std::string_view id_or_latest) {
  return actors::find_run(actors::View(stores_.market()), id_or_latest);
}

tl::expected<std::vector<actors::RunInfo>, storage::Error> LocalRecords::runs_of_day(
    core::SettlementDay day) {
  return actors::runs_of_day(actors::View(stores_.market()), day);
}

tl::expected<RunSummary, storage::Error> LocalRecords::summarise(std::uint32_t run_number) {
  const auto run = run_of(run_number);
  if (!run) return tl::unexpected(run.error());
  return summarise_run(stores_, calendar_, *run);
}

tl::expected<actors::RunInfo, storage::Error> LocalRecords::run_of(std::uint32_t number) const {
  auto run = actors::read_run(actors::View(stores_.market()), number);
  if (!run) return tl::unexpected(run.error());
  if (*run) return std::move(**run);
  return tl::unexpected(
      storage::Error{storage::Errc::unknown, fmt::format("run {}: there is no such run", number)});
}

tl::expected<bool, storage::Error> LocalRecords::write_table(const TableRequest& request,
                                                             const Output& output) {
  const ExportTable* const table = find_export_table(request.kind);
  if (table == nullptr)
    return tl::unexpected(storage::Error{storage::Errc::unknown,
                                         fmt::format("{}: there is no such table", request.kind)});
  TableWriter writer(request.format, table->columns, output);
  ExportRequest part{stores_, calendar_};
  if (!table->of_run) {
    part.day = request.day;
    part.all_versions = request.all_versions;
    part.as_of = request.as_of;
    if (auto written = table->write(part, writer); !written) return tl::unexpected(written.error());
    return writer.finish();
  }
  for (const std::uint32_t number : request.runs) {
    const auto run = run_of(number);
    if (!run) return tl::unexpected(run.error());
    part.run = &*run;
    if (auto written = table->write(part, writer); !written) return tl::unexpected(written.error());
  }
  return writer.finish();
}

tl::expected<actors::AuditReport, storage::Error> LocalRecords::audit(std::uint32_t run_number) {
  return actors::audit_run(stores_, calendar_, actors::AuditOptions(), run_number);
}

tl::expected<actors::CheckReport, storage::Error> LocalRecords::check() {
  return actors::check_stores(stores_, calendar_, check_threads);
}

}  // namespace hhgrid::net
