#include "tests/core/load_shape/shape_case.hpp"

#include <gtest/gtest.h>

namespace hhgrid::core {
namespace {

// -- ShapeGroup ---------------------------------------------------------------

TEST(ShapeGroupTest, TextsRoundTrip) {
  for (const auto* text :
       {"_C.W.S.T.AI", "_P.L.A.F.AE", "*.U.U.*.AI", "_A.H.A.*.RI", "*.W.S.T.AI"}) {
    EXPECT_EQ(group(text).to_string(), text);
  }
}

TEST(ShapeGroupTest, OtherTextsAreRefused) {
  for (const auto* text : {"", "_C.W.S.T", "_C.W.S.T.AI.", "_I.W.S.T.AI", "_C.*.S.T.AI",
                           "_C.W.*.T.AI", "_C.W.S.X.AI", "_C.W.S.T.*", "_C.W.S..AI", ".W.S.T.AI"}) {
    EXPECT_FALSE(ShapeGroup::parse(text)) << text;
  }
}

// -- rule 1: A ----------------------------------------------------------------

TEST(ShapeTest, AValueIsTheRoundedMeanOfEnoughActuals) {
  Sums sums;
  sums.put(domestic, wednesday, 1, 2'404, 10);
  sums.put(domestic, wednesday, 2, 2'405, 10);
  sums.put(domestic, wednesday, 3, 0, 12);
  const auto shape = sums.shape(domestic, wednesday);
  expect_value(shape, 1, 240, ShapeFlag::actual);
  expect_value(shape, 2, 241, ShapeFlag::actual);
  expect_value(shape, 3, 0, ShapeFlag::actual);
  EXPECT_EQ(shape.count[2], 12);
}

TEST(ShapeTest, MeansAreThoseOfTheWorkedExample) {
  Sums sums;
  sums.policy.minimum_sample = 3;
  const WattHours of_sites[4] = {720, 650, 550, 1'150};
  const WattHours expected[4] = {240, 217, 183, 383};
  for (int i = 0; i < 4; ++i) sums.put(domestic, wednesday, i + 1, of_sites[i], 3);
  const auto shape = sums.shape(domestic, wednesday);
  for (int i = 0; i < 4; ++i) expect_value(shape, i + 1, expected[i], ShapeFlag::actual);
}

TEST(ShapeTest, TooFewActualsAreNoMeanButAreCounted) {
  Sums sums;
  sums.put(domestic, wednesday, 100, minimum - 1);
  const auto shape = sums.shape(domestic, wednesday);
  expect_value(shape, 1, 0, ShapeFlag::no_data);
  EXPECT_EQ(shape.count[0], minimum - 1);
}

// -- rule 2: D ----------------------------------------------------------------

TEST(ShapeTest, AMissingPeriodTakesTheLatestLikeDaysValueOfThatPeriod) {
  Sums sums;
  sums.put(domestic, wednesday, 100);
  sums.put(domestic, wednesday, 5, 0, 0);
  sums.put(domestic, wednesday - 1, 200);
  sums.put(domestic, wednesday - 1, 5, 900, minimum - 1);
  sums.put(domestic, wednesday - 2, 300);
  const auto shape = sums.shape(domestic, wednesday);
  expect_value(shape, 4, 100, ShapeFlag::actual);
  expect_value(shape, 5, 300, ShapeFlag::standard_default);
}

TEST(ShapeTest, OnlyDaysOfTheSameTypeAreLikeDays) {
  Sums sums;
  const auto monday = day("2026-02-09");
  sums.put(domestic, monday - 1, 70);  // Sunday
  sums.put(domestic, monday - 2, 60);  // Saturday
  sums.put(domestic, monday - 3, 50);  // Friday
  expect_value(sums.shape(domestic, monday), 1, 50, ShapeFlag::standard_default);
  expect_value(sums.shape(domestic, monday + 5), 1, 60, ShapeFlag::standard_default);
  expect_value(sums.shape(domestic, monday + 6), 1, 70, ShapeFlag::standard_default);
}

TEST(ShapeTest, ABankHolidayIsLikeAnEarlierBankHolidayOnly) {
  Sums sums;
  const auto good_friday = day("2026-04-03"), easter_monday = day("2026-04-06");
  sums.bank_holidays = {good_friday.value, easter_monday.value};
  sums.put(domestic, good_friday, 80);
  sums.put(domestic, good_friday - 1, 40);
  expect_value(sums.shape(domestic, easter_monday), 1, 80, ShapeFlag::standard_default);
  expect_value(sums.shape(domestic, easter_monday + 1), 1, 40, ShapeFlag::standard_default);
}

TEST(ShapeTest, LikeDaysReachBack28DaysAndNoFurther) {
  Sums sums;
  sums.put(domestic, wednesday - 28, 100);
  expect_value(sums.shape(domestic, wednesday), 1, 100, ShapeFlag::standard_default);
  expect_value(sums.shape(domestic, wednesday + 1), 1, 0, ShapeFlag::no_data);
}

TEST(ShapeTest, ALikeDaysOwnDefaultIsNotHandedOn) {
  Sums sums;
  sums.policy.like_days_max = 1;
  sums.put(domestic, wednesday - 2, 100);
  expect_value(sums.shape(domestic, wednesday - 1), 1, 100, ShapeFlag::standard_default);
  expect_value(sums.shape(domestic, wednesday), 1, 0, ShapeFlag::no_data);
}

// -- rule 3: E ----------------------------------------------------------------

TEST(ShapeTest, WithoutHistoryTheGroupWithoutDomesticSplitCounts) {
  Sums sums;
  sums.put(not_split, wednesday, 110);
  sums.put(national, wednesday, 120);
  expect_value(sums.shape(domestic, wednesday), 1, 110, ShapeFlag::back_stop);
}

TEST(ShapeTest, ThenTheGroupWithoutGspGroupAndWithoutDomesticSplitCounts) {
  Sums sums;
  sums.put(not_split, wednesday, 110, minimum - 1);
  sums.put(national, wednesday, 120);
  sums.put(group("*.W.S.T.AI"), wednesday, 130);
  expect_value(sums.shape(domestic, wednesday), 1, 120, ShapeFlag::back_stop);
}

TEST(ShapeTest, HistoryComesBeforeParents) {
  Sums sums;
  sums.put(domestic, wednesday - 1, 90);
  sums.put(not_split, wednesday, 110);
  expect_value(sums.shape(domestic, wednesday), 1, 90, ShapeFlag::standard_default);
}

TEST(ShapeTest, AParentsHistoryDoesNotCount) {
  Sums sums;
  sums.put(not_split, wednesday - 1, 110);
  expect_value(sums.shape(domestic, wednesday), 1, 0, ShapeFlag::no_data);
}

TEST(ShapeTest, TheMostSpecificDefaultShapeIsTheLastResort) {
  Sums sums;
  auto any = row(1), weekday = row(2), connection_and_weekday = row(3), other_group = row(4);
  weekday.day_type = DayType::weekday;
  connection_and_weekday.day_type = DayType::weekday;
  connection_and_weekday.connection = ConnectionType::whole_current;
  other_group.gsp_group = GspGroup::parse("_D").value();
  other_group.connection = ConnectionType::whole_current;
  other_group.day_type = DayType::weekday;
  sums.default_shapes = {any, connection_and_weekday, weekday, other_group};
  expect_value(sums.shape(domestic, wednesday), 1, 3, ShapeFlag::back_stop);
  expect_value(sums.shape(domestic, wednesday + 3), 1, 1, ShapeFlag::back_stop);  // Saturday
  sums.put(national, wednesday, 120);
  expect_value(sums.shape(domestic, wednesday), 1, 120, ShapeFlag::back_stop);
}

TEST(ShapeTest, OfEquallySpecificDefaultShapesTheEarlierColumnWins) {
  Sums sums;
  auto by_group = row(1), by_connection = row(2), by_day_type = row(3);
  by_group.gsp_group = GspGroup::parse("_C").value();
  by_connection.connection = ConnectionType::whole_current;
  by_day_type.day_type = DayType::weekday;
  sums.default_shapes = {by_day_type, by_group, by_connection};
  expect_value(sums.shape(domestic, wednesday), 1, 1, ShapeFlag::back_stop);
  sums.default_shapes = {by_day_type, by_connection};
  expect_value(sums.shape(domestic, wednesday), 1, 2, ShapeFlag::back_stop);
}

TEST(ShapeTest, ADomesticDefaultShapeIsNotForAGroupThatIsNotSplit) {
  Sums sums;
  auto by_domestic = row(1);
  by_domestic.domestic = true;
  sums.default_shapes = {by_domestic};
  expect_value(sums.shape(domestic, wednesday), 1, 1, ShapeFlag::back_stop);
  expect_value(sums.shape(not_split, wednesday), 1, 0, ShapeFlag::no_data);
}

// -- rule 4: B ----------------------------------------------------------------

TEST(ShapeTest, WithoutAnythingEveryPeriodIsFlagBAndZero) {
  const auto shape = Sums().shape(domestic, wednesday);
  for (int period = 1; period <= 48; ++period) expect_value(shape, period, 0, ShapeFlag::no_data);
  EXPECT_EQ(shape.day_total, 0);
  EXPECT_EQ(shape.rolling_annual, 0);
}

}  // namespace
}  // namespace hhgrid::core
