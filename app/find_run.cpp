#include "app/find_run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/decimal.hpp"

namespace hhgrid::app {
namespace {

storage::Store::View market_view(const actors::Grid& grid) {
  return storage::Store::View(grid.store(grid.topology().market()));
}

/// What may be done with the newest held run; empty when none of them is.
std::string held_hint(const std::vector<actors::RunInfo>& runs,
                      const std::filesystem::path& directory) {
  const auto held = std::find_if(runs.rbegin(), runs.rend(), [](const actors::RunInfo& run) {
    return run.status == actors::RunStatus::HELD;
  });
  if (held == runs.rend()) return {};
  return fmt::format(" {} is held: name it with --run to see what it gives; {} publishes it.",
                     held->id(), hint("run --release " + held->id(), directory));
}

}  // namespace

Result<std::vector<actors::RunInfo>> all_runs(const actors::Grid& grid) {
  return all_runs(grid.store(grid.topology().market()));
}

Result<std::vector<actors::RunInfo>> all_runs(const storage::Store& market) {
  const storage::Store::View view(market);
  auto runs = actors::list_runs(view);
  if (!runs) return fail(runs.error());
  return std::move(*runs);
}

Result<actors::RunInfo> find_run(const actors::Grid& grid, std::string_view id_or_latest,
                                 std::string_view option) {
  return find_run(grid.store(grid.topology().market()), grid.directory(), id_or_latest, option);
}

Result<actors::RunInfo> find_run(const storage::Store& market,
                                 const std::filesystem::path& directory,
                                 std::string_view id_or_latest, std::string_view option) {
  const storage::Store::View view(market);
  auto found = actors::find_run(view, id_or_latest);
  if (!found) return fail(found.error());
  if (*found) return std::move(**found);
  if (id_or_latest == "latest") {
    auto runs = all_runs(market);
    if (!runs) return tl::unexpected(runs.error());
    const auto held = held_hint(*runs, directory);
    return fail(ExitCode::usage,
                fmt::format("{}: no run is published.{}", directory.string(),
                            !held.empty() ? held
                                          : fmt::format(" Make one with {}.",
                                                        hint("run --day D --code II", directory))));
  }
  return fail(ExitCode::usage, fmt::format("{} {}: there is no such run. {} lists them.", option,
                                           id_or_latest, hint("runs", directory)));
}

Result<actors::RunInfo> find_published_run(const actors::Grid& grid, core::SettlementDay day) {
  const auto view = market_view(grid);
  auto runs = actors::runs_of_day(view, day);
  if (!runs) return fail(runs.error());
  const auto last = std::find_if(runs->rbegin(), runs->rend(), [](const actors::RunInfo& run) {
    return run.status == actors::RunStatus::PUBLISHED;
  });
  if (last == runs->rend())
    return fail(ExitCode::usage,
                fmt::format("--day {}: no run of that settlement day is "
                            "published. {} lists what there is.{}",
                            core::format_day(day.value), hint("runs", grid.directory()),
                            held_hint(*runs, grid.directory())));
  return std::move(*last);
}

}  // namespace hhgrid::app
