#include "actors/verify/audit.hpp"

#include <memory>

#include <fmt/format.h>

#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/find_run.hpp"
#include "app/table.hpp"

namespace hhgrid::app {
namespace {

struct AuditCommand {
  std::string run = "latest";

  Result<ExitCode> run_command(Context& context) const;

 private:
  Result<std::vector<actors::RunInfo>> chosen_runs(const Context& context,
                                                   net::GridRecords& grid) const;
};

Result<std::vector<actors::RunInfo>> AuditCommand::chosen_runs(const Context& context,
                                                               net::GridRecords& grid) const {
  if (run != "all") {
    auto found = find_run(context, grid, run);
    if (!found) return tl::unexpected(found.error());
    if (!has_results(*found))
      return fail(ExitCode::run_refused,
                  fmt::format("--run {}: it is {}, there is nothing to audit.", run,
                              actors::to_string(found->status)));
    return std::vector{std::move(*found)};
  }
  auto runs = grid.runs();
  if (!runs) return fail(runs.error());
  std::erase_if(*runs, [](const auto& info) { return !has_results(info); });
  return std::move(*runs);
}

std::string report_text(const Context& context, const actors::AuditReport& report) {
  if (report.equal())
    return fmt::format("{}  {}, recomputed from {} meter-days\n", report.run_id,
                       context.out.styled("equal bit by bit", Style::green),
                       grouped(report.meter_days));
  std::string out =
      fmt::format("{}  {}: {}\n", report.run_id, context.out.styled("differs", Style::red),
                  grouped(report.difference_count));
  Table table({"table", "row", "stored", "recomputed"});
  for (const auto& difference : report.differences)
    table.row({difference.table, difference.key, difference.stored, difference.recomputed});
  out += table.text(context.out);
  if (report.difference_count > report.differences.size())
    out += fmt::format("  and {} more\n",
                       grouped(report.difference_count - report.differences.size()));
  return out;
}

std::string report_json(const actors::AuditReport& report) {
  Table table({"table", "row", "stored", "recomputed"});
  for (const auto& difference : report.differences)
    table.row({difference.table, difference.key, difference.stored, difference.recomputed});
  JsonObject object;
  return object.text("run_id", report.run_id)
      .boolean("equal", report.equal())
      .number("meter_days", report.meter_days)
      .number("differences", report.difference_count)
      .raw("first_differences", table.json())
      .str();
}

Result<ExitCode> AuditCommand::run_command(Context& context) const {
  const auto asked = AskedRecords::open(context);
  if (!asked) return tl::unexpected(asked.error());
  net::GridRecords& grid = ***asked;
  const auto runs = chosen_runs(context, grid);
  if (!runs) return tl::unexpected(runs.error());
  std::uint64_t different = 0;
  JsonArray list;
  for (const auto& info : *runs) {
    const auto report = grid.audit(info.number);
    if (!report) return fail(report.error());
    if (!report->equal()) ++different;
    if (context.json) {
      list.raw(report_json(*report));
    } else if (!context.quiet || !report->equal()) {
      context.out.write(report_text(context, *report));
    }
  }
  if (context.json) context.out.write(list.str() + "\n");
  if (runs->empty() && context.talks()) context.out.write("No run has results yet.\n");
  if (different == 0) return ExitCode::done;
  return fail(
      ExitCode::results_differ,
      fmt::format(
          "{} of {} runs do not recompute to the bits that are stored. Keep {} as it is, and "
          "check it with hhgrid check.",
          different, runs->size(), context.place()));
}

}  // namespace

void add_audit(CommandLine& line) {
  auto options = std::make_shared<AuditCommand>();
  auto& command = line.add("audit", "Recompute runs from stored versions and compare bit by bit",
                           [options](Context& context) { return options->run_command(context); });
  command.add_option("--run", options->run, "Run id, latest (the last published run), or all")
      ->type_name("RUN")
      ->capture_default_str();
}

}  // namespace hhgrid::app
