#include "config/period_windows.hpp"

#include <gtest/gtest.h>

namespace hhgrid::config {
namespace {

TEST(PeriodWindows, an_empty_text_has_none) {
  EXPECT_EQ(parse_period_windows(""), PeriodWindows{});
  EXPECT_EQ(parse_period_windows("  "), PeriodWindows{});
}

TEST(PeriodWindows, each_group_has_its_window) {
  EXPECT_EQ(parse_period_windows(" _D 48-13 ,_N  2-15"),
            (PeriodWindows{{"_D", {48, 13}}, {"_N", {2, 15}}}));
}

TEST(PeriodWindows, what_is_written_is_read_again) {
  const PeriodWindows windows{{"_A", {1, 48}}, {"_P", {48, 1}}};
  EXPECT_EQ(to_string(windows), "_A 1-48, _P 48-1");
  EXPECT_EQ(parse_period_windows(to_string(windows)), windows);
}

TEST(PeriodWindows, anything_else_is_refused) {
  for (const auto* text :
       {"_D", "_D 48", "_D 0-13", "_D 1-49", "_I 1-14", "D 1-14", "_D 1-14,", ",_D 1-14",
        "_D 1-14, _D 2-15", "_D 1 -14", "_D 1-14 x", "_D -1-14", "_D 1-14 _N 2-15", "_DD 1-14"})
    EXPECT_FALSE(parse_period_windows(text)) << text;
}

}  // namespace
}  // namespace hhgrid::config
