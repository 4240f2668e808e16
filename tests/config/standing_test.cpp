// The starter standing data that is shipped under config/standing.

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <date/date.h>
#include <gtest/gtest.h>

namespace {

using Row = std::vector<std::string>;

/// The rows of a shipped CSV file without quotes in it, the header left out.
std::vector<Row> rows_of(const std::string& name, const std::string& header) {
  std::ifstream file(std::string(HHGRID_PROJECT_DIR) + "/config/standing/" + name);
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, header) << name;
  std::vector<Row> rows;
  while (std::getline(file, line)) {
    Row row;
    std::size_t begin = 0;
    for (auto comma = line.find(','); comma != std::string::npos; comma = line.find(',', begin)) {
      row.push_back(line.substr(begin, comma - begin));
      begin = comma + 1;
    }
    row.push_back(line.substr(begin));
    rows.push_back(row);
  }
  return rows;
}

date::year_month_day parse_day(const std::string& text) {
  std::istringstream stream(text);
  date::year_month_day day;
  stream >> date::parse("%F", day);
  EXPECT_TRUE(stream && day.ok()) << text;
  return day;
}

TEST(BankHolidays, each_is_a_working_day_of_the_week_and_listed_once_in_order) {
  date::sys_days previous;
  for (const auto& row : rows_of("bank_holidays.csv", "date,name")) {
    const date::sys_days day = parse_day(row[0]);
    const date::weekday weekday{day};
    EXPECT_TRUE(weekday != date::Saturday && weekday != date::Sunday) << row[0];
    EXPECT_LT(previous, day) << row[0];
    previous = day;
  }
}

TEST(BankHolidays, a_year_has_eight_and_its_one_off_days) {
  std::map<int, int> count;
  for (const auto& row : rows_of("bank_holidays.csv", "date,name")) {
    ++count[static_cast<int>(parse_day(row[0]).year())];
  }
  for (int year = 2012; year <= 2028; ++year) {
    // Diamond Jubilee; Platinum Jubilee and state funeral; coronation.
    const int one_off = year == 2022 ? 2 : (year == 2012 || year == 2023) ? 1 : 0;
    EXPECT_EQ(count[year], 8 + one_off) << year;
  }
  EXPECT_EQ(count.size(), 17U);
}

TEST(BankHolidays, moved_and_substitute_days_stand_where_they_were_kept) {
  std::set<std::string> days;
  for (const auto& row : rows_of("bank_holidays.csv", "date,name")) days.insert(row[0]);
  for (const char* day : {"2012-06-04", "2012-06-05", "2015-12-28", "2020-05-08", "2021-12-27",
                          "2022-01-03", "2022-06-02", "2022-06-03", "2022-09-19", "2022-12-27",
                          "2023-05-08", "2025-04-18", "2025-04-21", "2028-01-03"}) {
    EXPECT_TRUE(days.contains(day)) << day;
  }
  for (const char* day : {"2012-05-28", "2020-05-04", "2022-05-30"}) {
    EXPECT_FALSE(days.contains(day)) << day;
  }
}

TEST(DemoComponentClasses, each_class_has_one_id_and_both_indicators) {
  std::set<std::string> ids, keys;
  const auto rows = rows_of("demo/component_classes.csv",
                            "ccc_id,connection_type,measurement_quantity,market_segment,indicator,"
                            "weight,effective_from,effective_to");
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 8U);
    EXPECT_TRUE(ids.insert(row[0]).second) << row[0];
    EXPECT_TRUE(keys.insert(row[1] + row[2] + row[3] + row[4]).second) << row[0];
  }
  EXPECT_EQ(rows.size(), 26U);
  for (const auto& row : rows) {
    EXPECT_TRUE(keys.contains(row[1] + row[2] + row[3] + (row[4] == "C" ? "L" : "C"))) << row[0];
  }
}

}  // namespace
