#include "net/simulator/load_curves.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/decimal.hpp"

namespace hhgrid::net {
namespace {

TEST(BankHolidays, TheDaysOf2026AreKnown) {
  std::vector<std::string> days;
  for (const auto& day : bank_holidays_of(2026)) days.push_back(core::format_day(day.day_number));
  EXPECT_EQ(days,
            (std::vector<std::string>{"2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04",
                                      "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28"}));
}

TEST(BankHolidays, ChristmasOnAWeekendMovesToTheNextWorkingDays) {
  std::vector<std::string> days;
  for (const int year : {2021, 2022}) {  // Christmas Day on a Saturday, and on a Sunday
    const auto all = bank_holidays_of(year);
    days.push_back(core::format_day(all[all.size() - 2].day_number));
    days.push_back(core::format_day(all[all.size() - 1].day_number));
  }
  EXPECT_EQ(days,
            (std::vector<std::string>{"2021-12-27", "2021-12-28", "2022-12-26", "2022-12-27"}));
}

}  // namespace
}  // namespace hhgrid::net
