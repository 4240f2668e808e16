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

TEST(ExcerptTest, OfALongTextTheBeginningIsShown) {
  EXPECT_EQ(excerpt("short"), "short");
  EXPECT_EQ(excerpt(std::string(1'000'000, 'x')), std::string(120, 'x') + "...");
  EXPECT_LT(parse_failure(std::string(1'000'000, 'x'), "is no number").value().text.size(), 200U);
}

TEST(PrintableTest, TextOfAnyLanguageStaysAsItIs) {
  const std::string text = "Caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 a,\"b\"";
  EXPECT_EQ(printable(text), text);
}

TEST(PrintableTest, ControlCharactersAreShownAndDoNothing) {
  EXPECT_EQ(printable("\x1b[31m1\x02\x7f\n\r\t"), "\\x1b[31m1\\x02\\x7f\\n\\r\\t");
  EXPECT_EQ(printable("\xC2\x9B\xE2\x80\xAE"), "\\u009b\\u202e");
}

TEST(PrintableTest, BytesThatAreNoUtf8AreShownOneByOne) {
  EXPECT_EQ(printable("caf\xE9"), "caf\\xe9");
  EXPECT_EQ(printable("\xC0\xAF \xED\xA0\x80 \xF5 \xE2\x82"),
            "\\xc0\\xaf \\xed\\xa0\\x80 \\xf5 \\xe2\\x82");
}

TEST(PrintableTest, WhatIsKeptIsLeftAlone) { EXPECT_EQ(printable("a\nb\r", "\n"), "a\nb\\r"); }

}  // namespace
}  // namespace hhgrid::core
