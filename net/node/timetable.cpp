#include "net/node/timetable.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/decimal.hpp"

namespace hhgrid::net {
namespace {

/// The last UTC day whose closing is due: it ends before `now` by at least the time of day.
core::UtcDay last_due(std::int64_t close_at, core::Instant now) {
  const std::int64_t since = now.milliseconds - close_at;
  const std::int64_t day = since >= 0
                               ? since / core::ms_per_utc_day
                               : -((-since + core::ms_per_utc_day - 1) / core::ms_per_utc_day);
  return {static_cast<std::int32_t>(day - 1)};
}

void find_days(const TimetableOptions& options, const TimetableFacts& facts, core::Instant now,
               DueWork& due) {
  if (!options.close_at) return;
  const core::UtcDay last = last_due(*options.close_at, now);
  const core::UtcDay first = facts.last_closed ? *facts.last_closed + 1 : last;
  const std::int32_t count = last.value - first.value + 1;
  if (count > options.catch_up_days_max) {
    due.held_back = fmt::format(
        "{} days have become due, from {} to {}, which looks like a clock that has jumped: none is "
        "closed and no run is started. If the time is right, give `hhgrid close-day {}`; if it is "
        "not, set the clock.",
        count, core::format_day(first.value), core::format_day(last.value),
        core::format_day(last.value));
    return;
  }
  for (std::int32_t day = first.value; day <= last.value; ++day) due.days.push_back({day});
}

void find_runs(const TimetableOptions& options, const TimetableFacts& facts,
               const core::SettlementCalendar& calendar, core::Instant now, DueWork& due) {
  if (!options.starts_runs) return;
  const auto last_closed = due.days.empty() ? facts.last_closed : due.days.back();
  for (const auto& [key, row] : facts.run_dates) {
    if (!may_be_due(options, row, now)) continue;
    const TimetableFacts::Run run{key.first, key.second, row.cutoff};
    if (facts.runs.contains(run)) continue;
    if (last_closed && calendar.spans_of(run.day).back().day <= *last_closed)
      due.runs.push_back(run);
  }
  std::sort(due.runs.begin(), due.runs.end(), [](const auto& a, const auto& b) {
    return std::tie(a.cutoff, a.day, a.code) < std::tie(b.cutoff, b.day, b.code);
  });
}

}  // namespace

bool may_be_due(const TimetableOptions& options, const core::RunDate& row, core::Instant now) {
  const std::int64_t since = now.milliseconds - row.cutoff.milliseconds;
  return 0 <= since && since <= options.catch_up_days_max * core::ms_per_utc_day;
}

DueWork due_work(const TimetableOptions& options, const TimetableFacts& facts,
                 const core::SettlementCalendar& calendar, core::Instant now) {
  DueWork due;
  find_days(options, facts, now, due);
  if (due.held_back.empty()) find_runs(options, facts, calendar, now, due);
  return due;
}

}  // namespace hhgrid::net
