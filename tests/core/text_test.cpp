#include "core/text.hpp"

#include <gtest/gtest.h>

namespace hhgrid::core {
namespace {

TEST(FormatPeriodsTest, RunsOfPeriodsBecomeRanges) {
  EXPECT_EQ(format_periods({}), "");
  EXPECT_EQ(format_periods({5}), "5");
  EXPECT_EQ(format_periods({1, 2, 3, 7, 9, 10}), "1-3, 7, 9-10");
}

TEST(ParseDigitsTest, TakesDigitsOnly) {
  EXPECT_EQ(parse_digits("0042"), 42U);
  EXPECT_EQ(parse_digits("999999999999999999"), 999'999'999'999'999'999U);
  for (const auto* text : {"", "-1", "+1", " 1", "1a", "1234567890123456789"}) {
    EXPECT_FALSE(parse_digits(text)) << text;
  }
}

}  // namespace
}  // namespace hhgrid::core
