#include "net/files/period_rows.hpp"

#include <gtest/gtest.h>

namespace hhgrid::net {
namespace {

const RowError error{"ECS1006 period given twice", "settlement_period", "1", "why"};

TEST(PeriodRowsTest, ARowIsTheFirstOfItsPeriodOrARepeat) {
  PeriodRows rows;
  EXPECT_FALSE(rows.has(0));
  rows.keep(0, 2, "a");
  EXPECT_TRUE(rows.has(0));
  EXPECT_FALSE(rows.repeated(0));
  rows.keep(0, 3, "b");
  EXPECT_TRUE(rows.repeated(0));
  EXPECT_FALSE(rows.has(1));
}

TEST(PeriodRowsTest, AContradictionWithdrawsEveryRowOfItsPeriodOnce) {
  PeriodRows rows;
  rows.keep(0, 2, "first");
  rows.keep(1, 3, "another period");
  rows.keep(0, 4, "the same");
  const auto outcome = rows.contradict(0, error);
  EXPECT_EQ(outcome.errors.size(), 1u);
  ASSERT_EQ(outcome.withdrawn.size(), 2u);
  EXPECT_EQ(outcome.withdrawn[0].line, 2u);
  EXPECT_EQ(outcome.withdrawn[0].record, "first");
  EXPECT_EQ(outcome.withdrawn[1].line, 4u);
  EXPECT_TRUE(rows.contradicted(0));
  EXPECT_FALSE(rows.repeated(0));
  EXPECT_TRUE(rows.contradict(0, error).withdrawn.empty());
}

TEST(PeriodRowsTest, AnotherGroupBeginsWithNothing) {
  PeriodRows rows;
  rows.keep(0, 2, "a");
  rows.contradict(0, error);
  rows.clear();
  EXPECT_TRUE(rows.empty());
  EXPECT_FALSE(rows.has(0));
  EXPECT_FALSE(rows.contradicted(0));
}

}  // namespace
}  // namespace hhgrid::net
