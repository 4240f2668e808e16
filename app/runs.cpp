#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/table.hpp"
#include "core/decimal.hpp"

namespace hhgrid::app {
namespace {

Result<ExitCode> list_all_runs(Context& context) {
  auto grid = ask_grid(context);
  if (!grid) return tl::unexpected(grid.error());
  const auto runs = (**grid)->runs();
  if (!runs) return fail(runs.error());
  Table table({"run id", "status", "cutoff", "requested at", "method", "exceptions", "reason"});
  for (const auto& run : *runs)
    table.row({run.id(), actors::to_string(run.status), core::format_instant(run.cutoff),
               core::format_instant(run.requested_at),
               run.method == core::CorrectionMethod::legacy ? "legacy" : "import_export",
               actors::exception_count(run), run.reason});
  if (context.json) {
    context.out.write(table.json());
  } else {
    context.out.write(table.empty() ? "No runs yet: make one with " +
                                          context.hint("run --day D --code II") + ".\n"
                                    : table.text(context.out));
  }
  return ExitCode::done;
}

}  // namespace

void add_runs(CommandLine& line) { line.add("runs", "List the runs of the grid", list_all_runs); }

}  // namespace hhgrid::app
