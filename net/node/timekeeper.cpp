#include "net/node/timekeeper.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "actors/market/published_shapes.hpp"
#include "actors/standing/standing_state.hpp"
#include "core/decimal.hpp"

namespace hhgrid::net {
namespace {

constexpr auto period = 5 * kj::SECONDS;
/// A clock that is kept by the network moves by less.
constexpr std::int64_t clock_set_ms = 10 * 60'000;
constexpr auto run_timeout = std::chrono::hours(2);

}  // namespace

tl::expected<TimetableFacts, storage::Error> timetable_facts(const actors::Grid& grid,
                                                             const TimetableOptions& options,
                                                             core::Instant now) {
  const actors::View market(grid.stores().market());
  TimetableFacts facts;
  auto closings = actors::closed_table.each(market, [&](storage::KeyReader& key, auto record) {
    key.day();
    const actors::DayClosing closing = actors::read_closing(record);
    if (closing.complete && (!facts.last_closed || *facts.last_closed < closing.day))
      facts.last_closed = closing.day;
  });
  if (!closings) return tl::unexpected(closings.error());
  auto run_dates = actors::load_run_dates(market);
  if (!run_dates) return tl::unexpected(run_dates.error());
  for (const auto& [key, row] : *run_dates) {
    if (!options.starts_runs || !may_be_due(options, row, now)) continue;
    facts.run_dates.emplace(key, row);
    const auto runs = actors::runs_of_day(market, key.first);
    if (!runs) return tl::unexpected(runs.error());
    for (const auto& run : *runs) facts.runs.insert({run.day, run.code, run.cutoff});
  }
  return facts;
}

Timekeeper::Timekeeper(TimetableOptions options, const actors::Grid& grid, GridService& service,
                       NodeClocks clocks)
    : options_(options),
      grid_(grid),
      service_(service),
      clocks_(std::move(clocks)),
      wall_ahead_ms_(clocks_.wall().milliseconds - clocks_.steady_ms()) {}

kj::Promise<void> Timekeeper::keep_time(kj::Timer& timer, Workers& workers) {
  return workers
      .run([this] {
        work();
        return true;
      })
      .then([&timer](bool) { return timer.afterDelay(period); })
      .then([this, &timer, &workers] { return keep_time(timer, workers); });
}

/// Trouble is said once, until there is another or none.
void Timekeeper::say(const std::string& text) {
  if (text != said_ && !text.empty()) spdlog::error("timekeeper: {}", text);
  said_ = text;
}

bool Timekeeper::clock_was_set() {
  const std::int64_t ahead = clocks_.wall().milliseconds - clocks_.steady_ms() - wall_ahead_ms_;
  if (std::llabs(ahead) < clock_set_ms) return false;
  say(
      fmt::format("the clock has moved by {} s of its own since the node was started: no day is "
                  "closed and no run is started. Set the clock, or start the node again.",
                  ahead / 1000));
  return true;
}

void Timekeeper::work() {
  if (clock_was_set()) return;
  const core::Instant now = clocks_.wall();
  const auto facts = timetable_facts(grid_, options_, now);
  if (!facts) return say(facts.error().text);
  const DueWork due = due_work(options_, *facts, grid_.calendar(), now);
  if (!due.held_back.empty()) return say(due.held_back);
  for (const auto day : due.days) {
    const auto closed = service_.close_day(day);
    if (!closed)
      return say(fmt::format("{} could not be closed: {}", core::format_day(day.value),
                             closed.error().text));
    spdlog::info("timekeeper: {} is closed: {} load shapes published", core::format_day(day.value),
                 closed->closing.published);
  }
  for (const auto& run : due.runs)
    if (!start(run)) return;
  say({});
}

bool Timekeeper::start(const TimetableFacts::Run& run) {
  const auto outcome = service_.run(run.day, run.code, run.cutoff, run_timeout);
  const std::string name =
      fmt::format("{} {}", core::format_day(run.day.value), core::to_string(run.code));
  if (!outcome) {
    say(fmt::format("run {} was not made: {}", name, outcome.error().text));
    return false;
  }
  spdlog::info("timekeeper: run {} is {} as {}", name, outcome->status, outcome->run_id);
  return true;
}

}  // namespace hhgrid::net
