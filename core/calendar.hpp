#pragma once

#include <set>
#include <vector>

#include "core/rule_set.hpp"
#include "core/types.hpp"

namespace hhgrid::core {

/// Half hours since 1970-01-01T00:00Z of the *start* of a period: UTC period p of day d is
/// d*48+p-1.
using HalfHour = std::int64_t;

/// Where the periods of one UTC day lie: at most two settlement days share them.
struct UtcDaySpan {
  SettlementDay day;
  int first_utc_period;         ///< 1-based, in the UTC day.
  int first_settlement_period;  ///< 1-based, in `day`.
  int count;
};

/// Where the settlement periods of one settlement day lie: one or two UTC days (`arithmetic.md` 1).
struct SettlementDaySpan {
  UtcDay day;
  int first_utc_period;
  int first_settlement_period;
  int count;
};

/// UTC periods to settlement periods by British time, for 1990 to 2060. The clock changes are the
/// rule set's, not the machine's, so that a settlement day has the same periods everywhere.
/// Immutable once made; make one and pass it by reference.
class SettlementCalendar {
 public:
  static SettlementCalendar europe_london(RuleSet rules = first_rule_set);

  /// 46, 48 or 50.
  int period_count(SettlementDay day) const;
  HalfHour start(SettlementDay day) const;
  SettlementDay day_of(HalfHour half_hour) const;
  /// One or two spans that cover periods 1..48 of the UTC day, in order.
  std::vector<UtcDaySpan> spans_of(UtcDay day) const;
  /// One or two spans that cover periods 1..N of the settlement day, in order.
  std::vector<SettlementDaySpan> spans_of(SettlementDay day) const;
  static bool covers(std::int32_t day_number);
  /// That it lies on a UTC day so numbered.
  static bool covers(Instant at);

 private:
  std::vector<std::int8_t> offset_half_hours_;  // local midnight = UTC midnight - offset
};

/// Monday to Friday, Saturday, Sunday, or a bank holiday from standing data.
DayType day_type(std::int32_t day_number, const std::set<std::int32_t>& bank_holidays);
/// Working days (England and Wales): `count` working days after `day`, bank holidays left out.
std::int32_t add_working_days(std::int32_t day_number, int count,
                              const std::set<std::int32_t>& bank_holidays);

}  // namespace hhgrid::core
