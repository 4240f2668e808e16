#include "core/calendar.hpp"

#include <fstream>
#include <sstream>

#include <date/tz.h>
#include <gtest/gtest.h>

#include "core/assertion.hpp"
#include "core/decimal.hpp"

namespace hhgrid::core {
namespace {

const SettlementCalendar& calendar() {
  static const auto london = SettlementCalendar::europe_london();
  return london;
}

std::int32_t day_number(std::string_view text) { return parse_day_number(text).value(); }
SettlementDay settlement_day(std::string_view text) { return {day_number(text)}; }
UtcDay utc_day(std::string_view text) { return {day_number(text)}; }

/// Minutes of UTC since 1970 as `YYYY-MM-DDTHH:MM:SS+HH:MM` says.
std::int64_t minutes_of(const std::string& text) {
  const auto local = parse_instant(text.substr(0, 19) + "Z")->milliseconds / 60'000;
  const auto sign = text[19] == '-' ? -1 : 1;
  return local - sign * (std::stoi(text.substr(20, 2)) * 60 + std::stoi(text.substr(23, 2)));
}

// -- settlement days ----------------------------------------------------------

TEST(SettlementCalendarTest, ClockChangeDaysHave46And50PeriodsAllOthers48) {
  EXPECT_EQ(calendar().period_count(settlement_day("2027-03-28")), 46);
  EXPECT_EQ(calendar().period_count(settlement_day("2026-10-25")), 50);
  EXPECT_EQ(calendar().period_count(settlement_day("2026-10-24")), 48);
  EXPECT_EQ(calendar().period_count(settlement_day("2026-07-01")), 48);
  EXPECT_EQ(calendar().period_count(settlement_day("2026-01-01")), 48);
}

TEST(SettlementCalendarTest, EveryYearCoveredHasOneShortAndOneLongDay) {
  for (int year = 1990; year <= 2060; ++year) {
    const auto begin = settlement_day(std::to_string(year) + "-01-01");
    const auto end = settlement_day(std::to_string(year + 1) + "-01-01");
    int shorts = 0, longs = 0;
    for (auto d = begin; d < end; d = d + 1) {
      shorts += calendar().period_count(d) == 46;
      longs += calendar().period_count(d) == 50;
    }
    EXPECT_EQ(shorts, 1) << year;
    EXPECT_EQ(longs, 1) << year;
  }
}

TEST(SettlementCalendarTest, ClocksChangeWhenTheTimeZoneDatabaseSays) {
  const auto* zone = date::locate_zone("Europe/London");
  // Its compiled files end with 2037.
  for (auto day = settlement_day("1990-01-01"); day < settlement_day("2037-12-31"); day = day + 1) {
    const date::local_days midnight{date::days{day.value}};
    const auto utc = zone->to_sys(midnight).time_since_epoch();
    EXPECT_EQ(calendar().start(day) * 1800, utc.count()) << day.value;
  }
}

TEST(SettlementCalendarTest, YearsAfter2037ChangeOnTheLastSundays) {
  EXPECT_EQ(calendar().period_count(settlement_day("2038-03-28")), 46);
  EXPECT_EQ(calendar().period_count(settlement_day("2038-10-31")), 50);
  EXPECT_EQ(calendar().period_count(settlement_day("2060-03-28")), 46);
  EXPECT_EQ(calendar().period_count(settlement_day("2060-10-31")), 50);
}

TEST(SettlementCalendarTest, AWinterDayIsItsUtcDay) {
  const auto spans = calendar().spans_of(settlement_day("2026-01-15"));
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].day, utc_day("2026-01-15"));
  EXPECT_EQ(spans[0].first_utc_period, 1);
  EXPECT_EQ(spans[0].first_settlement_period, 1);
  EXPECT_EQ(spans[0].count, 48);
}

TEST(SettlementCalendarTest, ASummerDayBeginsInTheLastTwoPeriodsOfTheUtcDayBefore) {
  const auto spans = calendar().spans_of(settlement_day("2026-07-15"));
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].day, utc_day("2026-07-14"));
  EXPECT_EQ(spans[0].first_utc_period, 47);
  EXPECT_EQ(spans[0].first_settlement_period, 1);
  EXPECT_EQ(spans[0].count, 2);
  EXPECT_EQ(spans[1].day, utc_day("2026-07-15"));
  EXPECT_EQ(spans[1].first_utc_period, 1);
  EXPECT_EQ(spans[1].first_settlement_period, 3);
  EXPECT_EQ(spans[1].count, 46);
}

TEST(SettlementCalendarTest, TheSpringChangeTakesPeriods1To46OfItsUtcDay) {
  const auto spans = calendar().spans_of(settlement_day("2027-03-28"));
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].day, utc_day("2027-03-28"));
  EXPECT_EQ(spans[0].first_utc_period, 1);
  EXPECT_EQ(spans[0].count, 46);
}

TEST(SettlementCalendarTest, TheAutumnChangeTakesTwoPeriodsOfTheDayBeforeAndAll48OfItsOwn) {
  const auto spans = calendar().spans_of(settlement_day("2026-10-25"));
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].day, utc_day("2026-10-24"));
  EXPECT_EQ(spans[0].first_utc_period, 47);
  EXPECT_EQ(spans[0].count, 2);
  EXPECT_EQ(spans[1].first_settlement_period, 3);
  EXPECT_EQ(spans[1].count, 48);
}

TEST(SettlementCalendarTest, AUtcDayInSummerIsSharedByTwoSettlementDays) {
  const auto spans = calendar().spans_of(utc_day("2026-07-15"));
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].day, settlement_day("2026-07-15"));
  EXPECT_EQ(spans[0].first_utc_period, 1);
  EXPECT_EQ(spans[0].first_settlement_period, 3);
  EXPECT_EQ(spans[0].count, 46);
  EXPECT_EQ(spans[1].day, settlement_day("2026-07-16"));
  EXPECT_EQ(spans[1].first_utc_period, 47);
  EXPECT_EQ(spans[1].first_settlement_period, 1);
  EXPECT_EQ(spans[1].count, 2);
}

TEST(SettlementCalendarTest, BothKindsOfSpansAgreeForEveryPeriodOfAllYears) {
  for (int number = day_number("1990-01-01"); number <= day_number("2060-12-31"); ++number) {
    int covered = 0;
    for (const auto& span : calendar().spans_of(SettlementDay{number})) {
      ASSERT_EQ(span.first_settlement_period, covered + 1);
      for (int i = 0; i < span.count; ++i) {
        const HalfHour half_hour =
            HalfHour{span.day.value} * periods_per_utc_day + span.first_utc_period - 1 + i;
        ASSERT_EQ(calendar().day_of(half_hour), SettlementDay{number});
        ASSERT_EQ(half_hour - calendar().start(SettlementDay{number}),
                  span.first_settlement_period - 1 + i);
      }
      covered += span.count;
    }
    ASSERT_EQ(covered, calendar().period_count(SettlementDay{number}));
    int utc_covered = 0;
    for (const auto& span : calendar().spans_of(UtcDay{number})) utc_covered += span.count;
    ASSERT_EQ(utc_covered, periods_per_utc_day);
  }
}

TEST(SettlementCalendarTest, DaysOutsideTheTableAreNotCovered) {
  EXPECT_TRUE(SettlementCalendar::covers(day_number("1990-01-01")));
  EXPECT_TRUE(SettlementCalendar::covers(day_number("2060-12-31")));
  EXPECT_FALSE(SettlementCalendar::covers(day_number("1989-12-31")));
  EXPECT_FALSE(SettlementCalendar::covers(day_number("2061-01-01")));
  EXPECT_THROW(calendar().start(settlement_day("1980-01-01")), BrokenInvariant);
}

TEST(CalendarTest, CoversTheInstantsOfItsDays) {
  const auto begin = day_number("1990-01-01") * ms_per_utc_day,
             end = day_number("2061-01-01") * ms_per_utc_day;
  EXPECT_FALSE(SettlementCalendar::covers(Instant{begin - 1}));
  EXPECT_TRUE(SettlementCalendar::covers(Instant{begin}));
  EXPECT_TRUE(SettlementCalendar::covers(Instant{end - 1}));
  EXPECT_FALSE(SettlementCalendar::covers(Instant{end}));
}

TEST(SettlementCalendarTest, PeriodsOfAPublicTestStartAtTheStatedTimes) {
  std::ifstream vectors(HHGRID_PROJECT_DIR
                        "/../shared/data/settlement_period_vectors/sp_to_time.csv");
  if (!vectors) GTEST_SKIP() << "../shared/data/settlement_period_vectors is not there";
  std::string line, date, period, start;
  std::getline(vectors, line);
  int rows = 0;
  while (std::getline(vectors, line)) {
    std::istringstream fields(line);
    std::getline(fields, date, ',');
    std::getline(fields, period, ',');
    std::getline(fields, start, '\r');
    const HalfHour half_hour = calendar().start(settlement_day(date)) + std::stoi(period) - 1;
    EXPECT_EQ(half_hour * 30, minutes_of(start)) << line;
    EXPECT_EQ(calendar().day_of(half_hour), settlement_day(date)) << line;
    ++rows;
  }
  EXPECT_GE(rows, 16);
}

// -- day types and working days -----------------------------------------------

TEST(DayTypeTest, ABankHolidayIsATypeOfItsOwnWhateverTheWeekday) {
  const std::set<std::int32_t> holidays = {day_number("2027-08-30"), day_number("2026-12-26")};
  EXPECT_EQ(day_type(day_number("2027-08-27"), holidays), DayType::weekday);
  EXPECT_EQ(day_type(day_number("2027-08-28"), holidays), DayType::saturday);
  EXPECT_EQ(day_type(day_number("2027-08-29"), holidays), DayType::sunday);
  EXPECT_EQ(day_type(day_number("2027-08-30"), holidays), DayType::bank_holiday);
  EXPECT_EQ(day_type(day_number("2026-12-26"), holidays), DayType::bank_holiday);
  EXPECT_EQ(day_type(day_number("2027-08-30"), {}), DayType::weekday);
}

TEST(WorkingDaysTest, CountAsTheTimetablesWorkedExample) {
  const std::set<std::int32_t> holidays = {day_number("2027-08-30")};
  const auto settlement_date = day_number("2027-07-05");
  const auto after = [&](int count) {
    return format_day(add_working_days(settlement_date, count, holidays));
  };
  EXPECT_EQ(after(4), "2027-07-09");
  EXPECT_EQ(after(7), "2027-07-14");
  EXPECT_EQ(after(30), "2027-08-16");
  EXPECT_EQ(after(84), "2027-11-01");
  EXPECT_EQ(after(0), "2027-07-05");
}

}  // namespace
}  // namespace hhgrid::core
