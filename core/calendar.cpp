#include "core/calendar.hpp"

#include <algorithm>

#include <date/tz.h>

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

constexpr int half_hour_seconds = 1800;
/// The system's compiled tz files hold transitions up to 2037 and leave the rest to a rule that
/// date-tz does not read. The calendar repeats every 28 years (1901 to 2099), so later days take
/// the offset of the same date 28 years before.
constexpr int last_year_in_tz_files = 2037;
constexpr int days_in_28_years = 28 * 365 + 7;

/// Seconds by which local time is ahead of UTC at local midnight.
int offset_at_midnight(const date::time_zone& zone, std::int32_t day) {
  if (day >= day_number(last_year_in_tz_files + 1, 1, 1)) day -= days_in_28_years;
  const date::local_seconds midnight{date::local_days{date::days{day}}};
  return static_cast<int>(zone.get_info(midnight).first.offset.count());
}

HalfHour floor_to_day(HalfHour half_hour) {
  return half_hour >= 0 ? half_hour / periods_per_utc_day
                        : -((-half_hour + periods_per_utc_day - 1) / periods_per_utc_day);
}

}  // namespace

// -- SettlementCalendar -------------------------------------------------------

SettlementCalendar SettlementCalendar::europe_london() {
  const auto* zone = date::locate_zone("Europe/London");
  SettlementCalendar calendar;
  calendar.offset_half_hours_.reserve(table_last - table_first + 1);
  for (std::int32_t day = table_first; day <= table_last; ++day) {
    const int seconds = offset_at_midnight(*zone, day);
    HHGRID_ASSERT(seconds >= 0 && seconds % half_hour_seconds == 0, day, seconds);
    calendar.offset_half_hours_.push_back(static_cast<std::int8_t>(seconds / half_hour_seconds));
  }
  return calendar;
}

bool SettlementCalendar::covers(std::int32_t day_number) {
  return first_covered <= day_number && day_number <= last_covered;
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
