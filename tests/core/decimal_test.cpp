#include "core/decimal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/assertion.hpp"

namespace hhgrid::core {
namespace {

constexpr auto int64_min = std::numeric_limits<std::int64_t>::min();
constexpr auto int64_max = std::numeric_limits<std::int64_t>::max();

std::int64_t rounded(Int128 numerator, Int128 denominator) {
  return static_cast<std::int64_t>(round_half_away(numerator, denominator));
}

// -- rounding -----------------------------------------------------------------

TEST(RoundHalfAwayTest, HalvesGoAwayFromZeroOnBothSides) {
  EXPECT_EQ(rounded(5, 2), 3);
  EXPECT_EQ(rounded(-5, 2), -3);
  EXPECT_EQ(rounded(5, -2), -3);
  EXPECT_EQ(rounded(-5, -2), 3);
  EXPECT_EQ(rounded(1, 2), 1);
  EXPECT_EQ(rounded(-1, 2), -1);
}

TEST(RoundHalfAwayTest, EverythingElseGoesToTheNearest) {
  EXPECT_EQ(rounded(4, 3), 1);
  EXPECT_EQ(rounded(-4, 3), -1);
  EXPECT_EQ(rounded(5, 3), 2);
  EXPECT_EQ(rounded(-5, 3), -2);
  EXPECT_EQ(rounded(0, 7), 0);
  EXPECT_EQ(rounded(12, 4), 3);
  EXPECT_EQ(rounded(int64_max, int64_max), 1);
  EXPECT_EQ(rounded(int64_max - 1, int64_max), 1);
}

TEST(RoundHalfAwayTest, NumbersBeyond64BitsAreExact) {
  const Int128 big = Int128{1} << 100;
  EXPECT_TRUE(round_half_away(big, 1) == big);
  EXPECT_TRUE(round_half_away(2 * big + 1, 2) == big + 1);
  EXPECT_TRUE(round_half_away(-2 * big - 1, 2) == -big - 1);
  EXPECT_TRUE(round_half_away(2 * big - 1, 2 * big) == 1);
  EXPECT_TRUE(round_half_away(big - 1, 2 * big) == 0);
  EXPECT_TRUE(round_half_away(big, 2 * big) == 1);
  EXPECT_TRUE(round_half_away(int64_min, -1) == -Int128{int64_min});
}

TEST(RoundHalfAwayTest, AZeroDenominatorBreaksAnInvariant) {
  EXPECT_THROW(round_half_away(1, 0), BrokenInvariant);
}

RC_GTEST_PROP(RoundHalfAwayProperty, TheErrorIsAtMostHalfADenominator,
              (std::int64_t high, std::int64_t low, std::int64_t divisor)) {
  RC_PRE(divisor != 0);
  const Int128 numerator = (Int128{high} << 40) + low;
  const Int128 twice_error = 2 * (numerator - round_half_away(numerator, divisor) * divisor);
  const Int128 size = divisor < 0 ? -Int128{divisor} : Int128{divisor};
  RC_ASSERT(-size <= twice_error && twice_error <= size);
  RC_ASSERT(round_half_away(-numerator, divisor) == -round_half_away(numerator, divisor));
}

// -- decimals -----------------------------------------------------------------

TEST(ParseDecimalTest, ScalesByTheDecimalsAsked) {
  EXPECT_EQ(parse_decimal("1.5", 3), 1500);
  EXPECT_EQ(parse_decimal("0", 3), 0);
  EXPECT_EQ(parse_decimal("-0.001", 3), -1);
  EXPECT_EQ(parse_decimal("12", 0), 12);
  EXPECT_EQ(parse_decimal("007.100", 3), 7100);
  EXPECT_EQ(parse_decimal("680.000", 6), 680'000'000);
  EXPECT_EQ(parse_decimal("9223372036854775.807", 3), int64_max);
  EXPECT_EQ(parse_decimal("-9223372036854775.808", 3), int64_min);
}

TEST(ParseDecimalTest, WhatIsNotANumberIsRefused) {
  for (const auto* text : {"", "-", ".", "-.", "1.", "+1", "1,5", " 1", "1 ", "1e3", "0x1", "--1",
                           "1.2.3", "1.-2", "nan", ".x"}) {
    const auto value = parse_decimal(text, 3);
    ASSERT_FALSE(value) << text;
    EXPECT_TRUE(value.error().text.ends_with("' is not a decimal number")) << value.error().text;
  }
}

TEST(ParseDecimalTest, ZerosBeyondThePlacesChangeNothing) {
  EXPECT_EQ(parse_decimal("0.432000", 3), 432);
  EXPECT_EQ(parse_decimal("0.000000", 3), 0);
  EXPECT_EQ(parse_decimal("0.5000", 3), 500);
  EXPECT_EQ(parse_decimal("-0.23900000000000", 3), -239);
  EXPECT_EQ(parse_decimal("1.0000000", 6), 1'000'000);
}

TEST(ParseDecimalTest, NoDigitIsNeededBeforeThePoint) {
  EXPECT_EQ(parse_decimal(".362", 3), 362);
  EXPECT_EQ(parse_decimal("-.5", 3), -500);
}

TEST(ParseDecimalTest, TooManyDecimalsAreRefusedRatherThanRounded) {
  EXPECT_EQ(parse_decimal("1.0001", 3).error().text, "'1.0001' has more than 3 decimals");
  for (const auto* text : {"4.465528", "1.0779999", "0.2389999", "0.9420000000000001", "0.0001"})
    EXPECT_FALSE(parse_decimal(text, 3)) << text;
  EXPECT_FALSE(parse_decimal("1.0", 0));
}

TEST(ParseDecimalTest, OutOfRangeIsRefused) {
  EXPECT_EQ(parse_decimal("9223372036854775.808", 3).error().text,
            "'9223372036854775.808' is out of range");
  EXPECT_FALSE(parse_decimal("-9223372036854775.809", 3));
  EXPECT_FALSE(parse_decimal("99999999999999999999999999999999999999999999", 3));
  EXPECT_FALSE(parse_decimal("9223372036854775807", 18));
}

TEST(FormatDecimalTest, AlwaysWritesAllDecimals) {
  EXPECT_EQ(format_decimal(1500, 3), "1.500");
  EXPECT_EQ(format_decimal(-1, 3), "-0.001");
  EXPECT_EQ(format_decimal(0, 6), "0.000000");
  EXPECT_EQ(format_decimal(-42, 0), "-42");
  EXPECT_EQ(format_decimal(int64_min, 3), "-9223372036854775.808");
}

TEST(FormatDecimalTest, AppendsToWhatIsThere) {
  std::string text = "a,";
  append_decimal(text, 25, 1);
  EXPECT_EQ(text, "a,2.5");
}

RC_GTEST_PROP(DecimalProperty, FormattingAndParsingAreInverse, (std::int64_t scaled)) {
  const int decimals = *rc::gen::inRange(0, 19);
  RC_ASSERT(parse_decimal(format_decimal(scaled, decimals), decimals).value() == scaled);
}

// -- days and instants --------------------------------------------------------

TEST(DayTest, DaysCountFrom1970) {
  EXPECT_EQ(parse_day_number("1970-01-01"), 0);
  EXPECT_EQ(parse_day_number("1969-12-31"), -1);
  EXPECT_EQ(parse_day_number("2024-02-29"), 19782);
  EXPECT_EQ(parse_utc_day("2013-03-31")->value, 15795);
  EXPECT_EQ(parse_settlement_day("2013-03-31")->value, 15795);
  EXPECT_EQ(format_day(19782), "2024-02-29");
  EXPECT_EQ(format_day(*parse_day_number("0001-02-03")), "0001-02-03");
}

TEST(DayTest, WhatIsNoDayIsRefused) {
  for (const auto* text : {"", "2023-02-29", "2023-13-01", "2023-00-01", "2023-01-32", "2023-01-00",
                           "23-01-01", "2023/01/01", "2023-1-01", "2023-01-01T", "20230101  "}) {
    EXPECT_FALSE(parse_day_number(text)) << text;
  }
}

TEST(DayTest, AnOpenEndIsBlank) { EXPECT_EQ(format_day(open_ended.value), ""); }

TEST(InstantTest, IsMillisecondsOfUtc) {
  EXPECT_EQ(parse_instant("1970-01-01T00:00:01Z")->milliseconds, 1000);
  EXPECT_EQ(parse_instant("2026-10-25T01:30:00Z")->milliseconds, 1'792'891'800'000);
  EXPECT_EQ(format_instant({1'792'891'800'000}), "2026-10-25T01:30:00Z");
  EXPECT_EQ(format_instant({-1}), "1969-12-31T23:59:59Z");
}

TEST(InstantTest, WhatIsNoInstantIsRefused) {
  for (const auto* text :
       {"", "2026-10-25", "2026-10-25T01:30:00", "2026-10-25T01:30:00+00:00",
        "2026-10-25 01:30:00Z", "2026-10-25T24:00:00Z", "2026-10-25T01:60:00Z",
        "2026-10-25T01:30:60Z", "2026-10-25T01:30:00.5Z", "2026-02-30T01:30:00Z"}) {
    EXPECT_FALSE(parse_instant(text)) << text;
  }
}

}  // namespace
}  // namespace hhgrid::core
