#include "net/node/timetable.hpp"

#include <gtest/gtest.h>

#include "core/decimal.hpp"

namespace hhgrid::net {
namespace {

using core::SettlementCode;

const auto calendar = core::SettlementCalendar::europe_london();

core::Instant at(const char* text) { return core::parse_instant(text).value(); }
core::UtcDay utc(const char* text) { return core::parse_utc_day(text).value(); }
core::SettlementDay settlement(const char* text) {
  return core::parse_settlement_day(text).value();
}

DueWork due(const TimetableFacts& facts, const char* now, const TimetableOptions& options = {}) {
  return due_work(options, facts, calendar, at(now));
}

TEST(Timetable, ADayIsClosedAtItsTimeOfTheDayAfterAndNotBefore) {
  TimetableFacts facts;
  facts.last_closed = utc("2026-01-01");
  EXPECT_TRUE(due(facts, "2026-01-03T09:59:59Z").days.empty());
  EXPECT_EQ(due(facts, "2026-01-03T10:00:00Z").days, std::vector{utc("2026-01-02")});
  EXPECT_EQ(due(facts, "2026-01-04T09:59:59Z").days, std::vector{utc("2026-01-02")});
}

TEST(Timetable, AGridThatHasClosedNothingBeginsWithTheDayThatFellDueLast) {
  EXPECT_EQ(due({}, "2026-01-03T10:00:00Z").days, std::vector{utc("2026-01-02")});
  EXPECT_EQ(due({}, "2026-01-03T09:00:00Z").days, std::vector{utc("2026-01-01")});
}

TEST(Timetable, AfterAnOutageNoDayIsLeftOut) {
  TimetableFacts facts;
  facts.last_closed = utc("2026-01-01");
  EXPECT_EQ(due(facts, "2026-01-05T12:00:00Z").days,
            (std::vector{utc("2026-01-02"), utc("2026-01-03"), utc("2026-01-04")}));
  EXPECT_EQ(due(facts, "2026-02-01T12:00:00Z").days.size(), 30u);
}

TEST(Timetable, AClockThatHasJumpedClosesNothingAndStartsNothing) {
  TimetableFacts facts;
  facts.last_closed = utc("2026-01-01");
  facts.run_dates[{settlement("2026-12-20"), SettlementCode::ii}] = {at("2027-01-01T10:00:00Z"), 0};
  const auto work = due(facts, "2027-01-02T12:00:00Z");
  EXPECT_TRUE(work.days.empty());
  EXPECT_TRUE(work.runs.empty());
  EXPECT_NE(work.held_back.find("365 days"), std::string::npos) << work.held_back;
  EXPECT_NE(work.held_back.find("close-day 2027-01-01"), std::string::npos) << work.held_back;
  // Backwards nothing is due.
  EXPECT_TRUE(due(facts, "2024-01-02T12:00:00Z").days.empty());
}

TEST(Timetable, ARunIsDueOnceItsCutOffHasPassedAndItsDaysAreClosed) {
  TimetableFacts facts;
  facts.last_closed = utc("2026-01-01");
  const auto cutoff = at("2026-01-04T12:00:00Z");
  facts.run_dates[{settlement("2026-01-03"), SettlementCode::ii}] = {cutoff, 0};
  EXPECT_TRUE(due(facts, "2026-01-04T11:59:59Z").runs.empty());
  const auto work = due(facts, "2026-01-04T12:00:00Z");  // closes 2 and 3 January first
  ASSERT_EQ(work.runs.size(), 1u);
  EXPECT_EQ(work.runs[0],
            (TimetableFacts::Run{settlement("2026-01-03"), SettlementCode::ii, cutoff}));
  TimetableOptions closes_none;
  closes_none.close_at = std::nullopt;
  EXPECT_TRUE(due(facts, "2026-01-04T12:00:00Z", closes_none).runs.empty());
  facts.last_closed = utc("2026-01-03");
  EXPECT_EQ(due(facts, "2026-01-04T12:00:00Z", closes_none).runs.size(), 1u);
  closes_none.starts_runs = false;
  EXPECT_TRUE(due(facts, "2026-01-04T12:00:00Z", closes_none).runs.empty());
}

TEST(Timetable, ASummerDayNeedsTheUtcDayBeforeAndItself) {
  TimetableFacts facts;
  facts.last_closed = utc("2026-06-02");
  facts.run_dates[{settlement("2026-06-03"), SettlementCode::ii}] = {at("2026-06-03T23:30:00Z"), 0};
  EXPECT_TRUE(due(facts, "2026-06-04T09:00:00Z").runs.empty());
  EXPECT_EQ(due(facts, "2026-06-04T10:00:00Z").runs.size(), 1u);
}

TEST(Timetable, ARunIsNeverStartedTwiceAndThoseOfLongAgoNotAtAll) {
  TimetableFacts facts;
  facts.last_closed = utc("2026-03-01");
  const auto january = at("2026-01-10T12:00:00Z"), february = at("2026-02-20T12:00:00Z");
  facts.run_dates[{settlement("2026-01-03"), SettlementCode::ii}] = {january, 0};
  facts.run_dates[{settlement("2026-02-15"), SettlementCode::ii}] = {february, 0};
  facts.run_dates[{settlement("2026-01-20"), SettlementCode::sf}] = {at("2026-02-19T12:00:00Z"), 0};
  const auto runs = due(facts, "2026-03-02T09:00:00Z").runs;
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].code, SettlementCode::sf) << "in the order of their cut-offs";
  facts.runs = {runs[0], runs[1]};
  EXPECT_TRUE(due(facts, "2026-03-02T09:00:00Z").runs.empty());
  // The row's cut-off has been moved: another run.
  facts.run_dates[{settlement("2026-02-15"), SettlementCode::ii}].cutoff.milliseconds += 1000;
  EXPECT_EQ(due(facts, "2026-03-02T09:00:00Z").runs.size(), 1u);
}

}  // namespace
}  // namespace hhgrid::net
