#include "app/find_run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/decimal.hpp"

namespace hhgrid::app {
namespace {

/// What may be done with the newest held run; empty when none of them is.
std::string held_hint(const Context& context, const std::vector<actors::RunInfo>& runs) {
  const auto held = std::find_if(runs.rbegin(), runs.rend(), [](const actors::RunInfo& run) {
    return run.status == actors::RunStatus::HELD;
  });
  if (held == runs.rend()) return {};
  return fmt::format(" {} is held: name it with --run to see what it gives; {} publishes it.",
                     held->id(), context.hint("run --release " + held->id()));
}

}  // namespace

Result<actors::RunInfo> find_run(const Context& context, net::GridRecords& grid,
                                 std::string_view id_or_latest, std::string_view option) {
  auto found = grid.find_run(id_or_latest);
  if (!found) return fail(found.error());
  if (*found) return std::move(**found);
  if (id_or_latest == "latest") {
    const auto runs = grid.runs();
    if (!runs) return fail(runs.error());
    const auto held = held_hint(context, *runs);
    return fail(ExitCode::usage,
                fmt::format("{}: no run is published.{}", context.place(),
                            !held.empty() ? held
                                          : fmt::format(" Make one with {}.",
                                                        context.hint("run --day D --code II"))));
  }
  return fail(ExitCode::usage, fmt::format("{} {}: there is no such run. {} lists them.", option,
                                           id_or_latest, context.hint("runs")));
}

Result<actors::RunInfo> find_published_run(const Context& context, net::GridRecords& grid,
                                           core::SettlementDay day) {
  auto runs = grid.runs_of_day(day);
  if (!runs) return fail(runs.error());
  const auto last = std::find_if(runs->rbegin(), runs->rend(), [](const actors::RunInfo& run) {
    return run.status == actors::RunStatus::PUBLISHED;
  });
  if (last == runs->rend())
    return fail(ExitCode::usage, fmt::format("--day {}: no run of that settlement day is "
                                             "published. {} lists what there is.{}",
                                             core::format_day(day.value), context.hint("runs"),
                                             held_hint(context, *runs)));
  return std::move(*last);
}

}  // namespace hhgrid::app
