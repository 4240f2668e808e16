#include "core/calendar.hpp"

#include <algorithm>

#include <date/date.h>

#include "core/assertion.hpp"

namespace hhgrid::core {
namespace {

constexpr int day_number(int year, unsigned month, unsigned day) {
  return date::sys_days{date::year{year} / static_cast<int>(month) / static_cast<int>(day)}
      .time_since_epoch()
      .count();
}
constexpr std::int32_t first_covered = day_number(1990, 1, 1);
constexpr std::int32_t last_covered = day_number(2060, 12, 31);
/// A span of the first or last covered day may begin or end on a neighbour.
constexpr std::int32_t table_first = first_covered - 2;
constexpr std::int32_t table_last = last_covered + 2;

/// The settlement days of a year on which clocks go forward (46 periods) and back (50).
struct ClockChanges {
  std::int32_t forward;
  std::int32_t back;
};

std::int32_t last_sunday(int year, date::month month) {
  return date::sys_days{date::year{year} / month / date::Sunday[date::last]}
      .time_since_epoch()
      .count();
}

/// Rule set 1. Summer time by the Summer Time Orders: from the last Sunday of March to the last of
/// October, until 1995 to the fourth, both at 01:00Z.
ClockChanges clock_changes(int year) {
  const auto forward = last_sunday(year, date::March);
  if (year >= 1996) return {forward, last_sunday(year, date::October)};
  const date::sys_days fourth_sunday{date::year{year} / date::October / date::Sunday[4]};
  return {forward, fourth_sunday.time_since_epoch().count()};
}

HalfHour floor_to_day(HalfHour half_hour) {
  return half_hour >= 0 ? half_hour / periods_per_utc_day
                        : -((-half_hour + periods_per_utc_day - 1) / periods_per_utc_day);
}

}  // namespace

// -- SettlementCalendar -------------------------------------------------------

SettlementCalendar SettlementCalendar::europe_london(RuleSet rules) {
  HHGRID_ASSERT(first_rule_set <= rules && rules <= newest_rule_set, rules);
  SettlementCalendar calendar;
  calendar.offset_half_hours_.reserve(table_last - table_first + 1);
  for (std::int32_t day = table_first; day <= table_last; ++day) {
    const date::year_month_day date{date::sys_days{date::days{day}}};
    const auto changes = clock_changes(static_cast<int>(date.year()));
    // At midnight of the day of a change the clock is as it was.
    const bool summer = changes.forward < day && day <= changes.back;
    calendar.offset_half_hours_.push_back(summer ? 2 : 0);
  }
  return calendar;
}

bool SettlementCalendar::covers(std::int32_t day_number) {
  return first_covered <= day_number && day_number <= last_covered;
}

bool SettlementCalendar::covers(Instant at) {
  return first_covered * ms_per_utc_day <= at.milliseconds &&
         at.milliseconds < (last_covered + 1) * ms_per_utc_day;
}

HalfHour SettlementCalendar::start(SettlementDay day) const {
  HHGRID_ASSERT(table_first <= day.value && day.value <= table_last, day.value);
  const auto offset = offset_half_hours_[static_cast<std::size_t>(day.value - table_first)];
  return HalfHour{day.value} * periods_per_utc_day - offset;
}

int SettlementCalendar::period_count(SettlementDay day) const {
  return static_cast<int>(start(day + 1) - start(day));
}

SettlementDay SettlementCalendar::day_of(HalfHour half_hour) const {
  const SettlementDay same_date{static_cast<std::int32_t>(floor_to_day(half_hour))};
  return half_hour >= start(same_date + 1) ? same_date + 1 : same_date;
}

std::vector<UtcDaySpan> SettlementCalendar::spans_of(UtcDay day) const {
  std::vector<UtcDaySpan> spans;
  const HalfHour begin = HalfHour{day.value} * periods_per_utc_day;
  const HalfHour end = begin + periods_per_utc_day;
  for (HalfHour at = begin; at < end;) {
    const SettlementDay settlement_day = day_of(at);
    const HalfHour until = std::min(end, start(settlement_day + 1));
    spans.push_back({settlement_day, static_cast<int>(at - begin) + 1,
                     static_cast<int>(at - start(settlement_day)) + 1,
                     static_cast<int>(until - at)});
    at = until;
  }
  return spans;
}

std::vector<SettlementDaySpan> SettlementCalendar::spans_of(SettlementDay day) const {
  std::vector<SettlementDaySpan> spans;
  const HalfHour begin = start(day);
  const HalfHour end = start(day + 1);
  for (HalfHour at = begin; at < end;) {
    const UtcDay utc_day{static_cast<std::int32_t>(floor_to_day(at))};
    const HalfHour utc_begin = HalfHour{utc_day.value} * periods_per_utc_day;
    const HalfHour until = std::min(end, utc_begin + periods_per_utc_day);
    spans.push_back({utc_day, static_cast<int>(at - utc_begin) + 1,
                     static_cast<int>(at - begin) + 1, static_cast<int>(until - at)});
    at = until;
  }
  return spans;
}

// -- days ---------------------------------------------------------------------

DayType day_type(std::int32_t day_number, const std::set<std::int32_t>& bank_holidays) {
  if (bank_holidays.contains(day_number)) return DayType::bank_holiday;
  const date::weekday weekday{date::sys_days{date::days{day_number}}};
  if (weekday == date::Saturday) return DayType::saturday;
  if (weekday == date::Sunday) return DayType::sunday;
  return DayType::weekday;
}

std::int32_t add_working_days(std::int32_t day_number, int count,
                              const std::set<std::int32_t>& bank_holidays) {
  HHGRID_ASSERT(count >= 0, count);
  for (int counted = 0; counted < count;) {
    ++day_number;
    if (day_type(day_number, bank_holidays) == DayType::weekday) ++counted;
  }
  return day_number;
}

}  // namespace hhgrid::core
