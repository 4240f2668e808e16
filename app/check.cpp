#include "actors/verify/check.hpp"

#include <fmt/format.h>

#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/table.hpp"

namespace hhgrid::app {
namespace {

Result<ExitCode> check_grid(Context& context) {
  const auto asked = AskedRecords::open(context);
  if (!asked) return tl::unexpected(asked.error());
  const auto checked = (**asked)->check();
  if (!checked) return fail(checked.error());
  const actors::CheckReport& report = *checked;
  Table table({"path", "family", "key", "cause"});
  for (const auto& damage : report.damage)
    table.row({damage.path, damage.family, damage.key, damage.cause});
  if (context.json) {
    JsonObject object;
    object.boolean("sound", report.sound())
        .number("records", report.records)
        .number("meter_days", report.meter_days)
        .number("damage", report.damage_count)
        .raw("first_damage", table.json());
    context.out.write(object.str() + "\n");
  } else if (!report.sound()) {
    context.out.write(table.text(context.out));
  } else if (!context.quiet) {
    context.out.write(fmt::format("{} is {}: {} records read, {} meter-days among them\n",
                                  context.place(), context.out.styled("sound", Style::green),
                                  grouped(report.records), grouped(report.meter_days)));
  }
  if (report.sound()) return ExitCode::done;
  return fail(ExitCode::store,
              fmt::format("{}: {} records do not hold. Restore the last good copy; "
                          "docs/operations.md says how.",
                          context.place(), report.damage_count));
}

}  // namespace

void add_check(CommandLine& line) {
  line.add("check", "Verify the data directory: read every record and hold it against the others",
           check_grid);
}

}  // namespace hhgrid::app
