#include <fmt/format.h>

#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/table.hpp"
#include "core/decimal.hpp"

namespace hhgrid::app {
namespace {

struct CloseDayCommand {
  std::string day;

  Result<ExitCode> run(Context& context) const;
};

Result<core::UtcDay> parse_closed_day(const std::string& text) {
  const auto day = core::parse_day_number(text);
  if (!day)
    return fail(ExitCode::usage,
                fmt::format("{}: is no day: write it as 2026-01-31. Nothing was closed.", text));
  if (!core::SettlementCalendar::covers(*day))
    return fail(ExitCode::usage,
                fmt::format("{}: the settlement calendar does not cover that day. Nothing was "
                            "closed.",
                            text));
  return core::UtcDay{*day};
}

Result<ExitCode> CloseDayCommand::run(Context& context) const {
  const auto utc_day = parse_closed_day(day);
  if (!utc_day) return tl::unexpected(utc_day.error());
  auto grid = ask_grid(context);
  if (!grid) return tl::unexpected(grid.error());
  const auto closed = (**grid)->close_day(*utc_day);
  if (!closed) return fail(closed.error());
  const actors::DayClosing& closing = closed->closing;
  if (context.json) {
    JsonObject out;
    out.text("utc_day", core::format_day(closing.day.value))
        .text("closed_at", core::format_instant(closing.closed_at))
        .boolean("closed_before", closed->was_closed)
        .number("shapes_published", closing.published)
        .number("shapes_reissued", closing.reissued);
    context.out.write(out.str() + "\n");
  } else if (closed->was_closed) {
    context.out.write(fmt::format("{} was closed at {}: nothing to do.\n",
                                  core::format_day(closing.day.value),
                                  core::format_instant(closing.closed_at)));
  } else {
    context.out.write(
        fmt::format("{} is closed: {} load shapes published, {} of them again with "
                    "other values.\n",
                    core::format_day(closing.day.value), closing.published, closing.reissued));
  }
  return ExitCode::done;
}

}  // namespace

void add_close_day(CommandLine& line) {
  auto options = std::make_shared<CloseDayCommand>();
  auto& command = line.add("close-day", "Close a UTC day: publish its load shapes",
                           [options](Context& context) { return options->run(context); });
  command.add_option("DAY", options->day, "The UTC day, as 2026-01-31")->required();
}

}  // namespace hhgrid::app
