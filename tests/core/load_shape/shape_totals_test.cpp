#include "tests/core/load_shape/shape_case.hpp"

#include <gtest/gtest.h>

#include "core/assertion.hpp"

namespace hhgrid::core {
namespace {

// -- totals -------------------------------------------------------------------

TEST(ShapeTest, OffPeakIsPeriods2To15AndPeakTheRest) {
  Sums sums;
  for (int period = 1; period <= 48; ++period) {
    sums.put(domestic, wednesday, period, period * minimum, minimum);
  }
  const auto shape = sums.shape(domestic, wednesday);
  EXPECT_EQ(shape.day_total, 48 * 49 / 2);
  EXPECT_EQ(shape.day_off_peak, 15 * 16 / 2 - 1);
  EXPECT_EQ(shape.day_peak, 48 * 49 / 2 - (15 * 16 / 2 - 1));
}

TEST(ShapeTest, TheOffPeakWindowIsAPolicy) {
  Sums sums;
  sums.policy.off_peak = {1, 14};
  sums.put(domestic, wednesday, 1, 7 * minimum, minimum);
  sums.put(domestic, wednesday, 15, 5 * minimum, minimum);
  EXPECT_EQ(sums.shape(domestic, wednesday).day_off_peak, 7);
}

TEST(ShapeTest, AWindowMayGoOverMidnight) {
  Sums sums;
  sums.policy.off_peak = {48, 13};
  for (const int period : {1, 13, 14, 47, 48})
    sums.put(domestic, wednesday, period, (WattHours{1} << period) * minimum, minimum);
  EXPECT_EQ(sums.shape(domestic, wednesday).day_off_peak,
            (WattHours{1} << 1) + (WattHours{1} << 13) + (WattHours{1} << 48));
}

TEST(ShapeTest, AGspGroupMayHaveAWindowOfItsOwn) {
  Sums sums;
  sums.policy.off_peak_of[GspGroup::parse("_C").value()] = {1, 1};
  sums.policy.off_peak_of[GspGroup::parse("_D").value()] = {3, 3};
  sums.put(domestic, wednesday, 1, 7 * minimum, minimum);
  sums.put(domestic, wednesday, 2, 5 * minimum, minimum);
  EXPECT_EQ(sums.shape(domestic, wednesday).day_off_peak, 7);
  sums.policy.off_peak_of.erase(GspGroup::parse("_C").value());
  EXPECT_EQ(sums.shape(domestic, wednesday).day_off_peak, 5);
}

TEST(ShapeTest, PeriodsWithoutDataAddNothingToTheDayTotal) {
  Sums sums;
  sums.put(domestic, wednesday, 1, 7 * minimum, minimum);
  EXPECT_EQ(sums.shape(domestic, wednesday).day_total, 7);
}

TEST(ShapeTest, TheSevenDayTotalAddsTheDayAndTheSixBeforeWithTheirDefaults) {
  Sums sums;
  sums.put(domestic, wednesday - 7, 1'000);
  for (int back = 3; back <= 6; ++back) sums.put(domestic, wednesday - back, 10 * back);
  sums.put(domestic, wednesday, 5);
  // Days -1 and -2 are a Tuesday and a Monday: both take the value of Friday, day -5.
  const WattHours per_period = 60 + 50 + 40 + 30 + 50 + 50 + 5;
  const auto shape = sums.shape(domestic, wednesday);
  EXPECT_EQ(shape.rolling_7_day, 48 * per_period);
  EXPECT_EQ(shape.rolling_7_day_off_peak, 14 * per_period);
  EXPECT_EQ(shape.rolling_7_day_peak, 34 * per_period);
}

TEST(ShapeTest, TheRollingAnnualOfACompleteYearIsItsSum) {
  Sums sums;
  for (int back = 0; back < 366; ++back) sums.put(domestic, wednesday - back, back + 1);
  EXPECT_EQ(sums.shape(domestic, wednesday).rolling_annual, 48 * (365 * 366 / 2));
}

TEST(ShapeTest, TheRollingAnnualScalesTheDaysThatHaveActuals) {
  Sums sums;
  sums.put(domestic, wednesday, 10);
  sums.put(domestic, wednesday - 100, 21);
  sums.put(domestic, wednesday - 365, 1'000);
  EXPECT_EQ(sums.shape(domestic, wednesday).rolling_annual, 48 * 31 * 365 / 2);
}

TEST(ShapeTest, ADayWithOneActualPeriodCountsWithAllItsPeriods) {
  Sums sums;
  sums.put(domestic, wednesday - 1, 20);
  sums.put(domestic, wednesday, 1, 30 * minimum, minimum);
  // Wednesday: period 1 actual, 47 periods of Tuesday's. 2 days have actuals.
  const WattHours sum = 48 * 20 + 30 + 47 * 20;
  EXPECT_EQ(sums.shape(domestic, wednesday).rolling_annual, (sum * 365 + 1) / 2);
}

TEST(ShapeTest, WithoutAnyActualsTheRollingAnnualIs365TimesTheDay) {
  Sums sums;
  sums.default_shapes = {row(3)};
  EXPECT_EQ(sums.shape(domestic, wednesday).rolling_annual, 365 * 48 * 3);
}

TEST(ShapeTest, ShapesOfSeveralDaysDoNotDependOnTheOrderAskedFor) {
  Sums sums;
  for (int back = 0; back < 400; ++back) {
    if (back % 5 != 0) sums.put(domestic, wednesday - back, back % 17);
    if (back % 3 == 0) sums.put(domestic, wednesday - back, back % 48 + 1, 0, 0);
  }
  ShapeCalculator calculator(sums.policy, sums.lookup(), {}, {});
  for (const int back : {3, 0, 7, 1, 0, 30}) {
    const auto alone = sums.shape(domestic, wednesday - back);
    const auto together = calculator.shape(domestic, wednesday - back);
    EXPECT_EQ(together.energy_wh, alone.energy_wh);
    EXPECT_EQ(together.rolling_7_day, alone.rolling_7_day);
    EXPECT_EQ(together.rolling_annual, alone.rolling_annual);
  }
}

TEST(ShapeTest, AMinimumSampleOfZeroBreaksAnInvariant) {
  EXPECT_THROW(ShapeCalculator({.minimum_sample = 0}, {}, {}, {}), BrokenInvariant);
}

}  // namespace
}  // namespace hhgrid::core
