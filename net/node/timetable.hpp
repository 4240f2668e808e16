#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/calendar.hpp"
#include "core/standing/standing_data.hpp"
#include "core/types.hpp"

namespace hhgrid::net {

/// When a grid's days are closed and its runs started by themselves.
struct TimetableOptions {
  /// Milliseconds of the day after at which a UTC day is closed; nothing: none is.
  std::optional<std::int64_t> close_at = 10 * 3'600'000;
  bool starts_runs = true;
  /// So many days may have become due at once; more look like a clock that has jumped.
  std::int32_t catch_up_days_max = 30;
};

/// Whether a run date's cut-off has passed, and not so long ago that it is not caught up with.
bool may_be_due(const TimetableOptions& options, const core::RunDate& row, core::Instant now);

/// What a grid says of the past, of which the timetable makes what is due.
struct TimetableFacts {
  std::optional<core::UtcDay> last_closed;  ///< The latest day that is closed.
  core::StandingData::RunDates run_dates;
  struct Run {
    core::SettlementDay day;
    core::SettlementCode code{};
    core::Instant cutoff;
    friend auto operator<=>(const Run&, const Run&) = default;
  };
  std::set<Run> runs;  ///< Asked for, however they ended: what names a row of the run dates.
};

/// What has to be done now.
struct DueWork {
  std::vector<core::UtcDay> days;         ///< To close, in their order.
  std::vector<TimetableFacts::Run> runs;  ///< To start, in the order of their cut-offs.
  std::string held_back;  ///< Why nothing is done although it is due; empty: nothing is held back.
};

/// The days and runs that are due at `now`. The first day that is ever closed is the one that fell
/// due last; from then on none is left out. A run is due once its cut-off has passed and the UTC
/// days of its settlement day, or later ones, are closed, unless its cut-off lies further back than
/// `catch_up_days_max`.
DueWork due_work(const TimetableOptions& options, const TimetableFacts& facts,
                 const core::SettlementCalendar& calendar, core::Instant now);

}  // namespace hhgrid::net
