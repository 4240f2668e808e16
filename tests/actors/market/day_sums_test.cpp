#include "actors/market/day_sums.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/meter/day_shapes.hpp"
#include "tests/actors/market/lone_market.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DaySums : public LoneMarket {
 protected:
  /// A closing whose partitions answer with `count` meters of `energy_wh` together, each half.
  MarketEffects close_with(core::UtcDay day, core::UtcDay changed, core::WattHours energy_wh,
                           std::int32_t count) {
    close(day);
    const auto closing = position();
    give_day_sums(closing, {0, {group_sums(changed, energy_wh / 2, count / 2)}, {}});
    return give_day_sums(closing, {1, {group_sums(changed, energy_wh / 2, count / 2)}, {}});
  }
  /// What this block has published goes to the store.
  void commit() {
    for (const auto& [day, shapes] : state_.published)
      for (const auto& [group, shape] : shapes)
        stored_published_[day].insert_or_assign(group, shape);
    stored_closed_.insert(state_.closed.begin(), state_.closed.end());
    state_.committed();
  }
  /// What a meter partition is told.
  static schema::DayShapes::Reader told(const MarketEffects& effects) {
    return sent(effects, 0).getDayShapes();
  }
  static core::WattHours period_of(schema::PublishedShape::Reader shape, std::size_t period) {
    return read_known_shape(shape).energy_wh.at(period);
  }
};

TEST_F(DaySums, AreKeptUntilTheLastPartitionHasAnswered) {
  close(winter_utc_day);
  const auto closing = position();
  const auto effects = give_day_sums(closing, {1, {group_sums(winter_utc_day, 500, 5)}, {}});
  EXPECT_THAT(effects.messages, IsEmpty());
  EXPECT_EQ(effects.writes.size(), 1u) << "the answer outlives a restart";
  EXPECT_FALSE(state_.closings.at(closing).has_all_answers());
}

TEST_F(DaySums, WithTheLastTheShapesArePublishedToEveryMeterPartition) {
  const auto effects = close_with(winter_utc_day, winter_utc_day, 5000, 10);
  EXPECT_THAT(destinations(effects), ElementsAre(0, 1));
  ASSERT_EQ(told(effects).getShapes().size(), 1u);
  EXPECT_EQ(told(effects).getShapes()[0].getIssue(), 1u);
  EXPECT_EQ(period_of(told(effects).getShapes()[0], 20), 500);
  EXPECT_THAT(erased(effects), ElementsAre(closing_input_key({1, 0}, 0)));
  EXPECT_TRUE(state_.is_closed(winter_utc_day));
  EXPECT_THAT(state_.closings, IsEmpty());
}

TEST_F(DaySums, LateActualsAreANewIssueWithTheNextClosing) {
  close_with(winter_utc_day, winter_utc_day, 5000, 10);
  const auto effects = close_with(winter_utc_day + 1, winter_utc_day, 2000, 0);
  // The day itself, and the next, which looks back on it.
  ASSERT_EQ(told(effects).getShapes().size(), 2u);
  const auto late = told(effects).getShapes()[0];
  EXPECT_EQ(late.getUtcDay(), winter_utc_day.value);
  EXPECT_EQ(late.getIssue(), 2u);
  EXPECT_EQ(period_of(late, 20), 700);
  EXPECT_EQ(told(effects).getShapes()[1].getIssue(), 1u);
}

TEST_F(DaySums, TheSameValuesOfMoreMetersAreNoNewIssue) {
  close_with(winter_utc_day, winter_utc_day, 5000, 10);
  const auto effects = close_with(winter_utc_day + 1, winter_utc_day, 1000, 2);
  ASSERT_EQ(told(effects).getShapes().size(), 1u) << "the next day's, which looks back";
  for (const auto shape : told(effects).getShapes())
    EXPECT_NE(shape.getUtcDay(), winter_utc_day.value);
}

TEST_F(DaySums, WhatTheStoreHasAsPublishedIsIssuedAgainOnlyWhenItDiffers) {
  close_with(winter_utc_day, winter_utc_day, 5000, 10);
  commit();
  const auto same = close_with(winter_utc_day + 1, winter_utc_day, 1000, 2);
  ASSERT_EQ(told(same).getShapes().size(), 1u);
  EXPECT_EQ(told(same).getShapes()[0].getUtcDay(), (winter_utc_day + 1).value);
  commit();
  const auto differs = close_with(winter_utc_day + 2, winter_utc_day, 2400, 0);
  ASSERT_EQ(told(differs).getShapes().size(), 3u);
  EXPECT_EQ(told(differs).getShapes()[0].getIssue(), 2u);
  EXPECT_EQ(told(differs).getShapes()[1].getIssue(), 2u) << "it looks back";
  EXPECT_EQ(told(differs).getShapes()[2].getIssue(), 1u);
}

TEST_F(DaySums, WhenAPartitionCannotAnswerTheDayIsNotClosedAndMayBeClosedAgain) {
  close(winter_utc_day);
  const auto closing = position();
  give_day_sums(closing, {0, {group_sums(winter_utc_day, 500, 5)}, {}});
  const auto effects = give_day_sums(closing, {1, {}, "partition 1 cannot read its ledger"});
  EXPECT_THAT(effects.messages, IsEmpty());
  EXPECT_FALSE(state_.is_closed(winter_utc_day));
  EXPECT_THAT(state_.closings, IsEmpty());
  // What partition 0 has told it does not tell again.
  const auto again = close_with(winter_utc_day, winter_utc_day, 500, 0);
  ASSERT_EQ(told(again).getShapes().size(), 1u);
  EXPECT_EQ(period_of(told(again).getShapes()[0], 20), 200) << "1,000 Wh of 5 meters";
}

TEST_F(DaySums, TwiceOfOnePartitionOfNoClosingOrOfNoMeterPartitionFail) {
  close(winter_utc_day);
  const auto closing = position();
  give_day_sums(closing, {0, {}, {}});
  EXPECT_THROW(give_day_sums(closing, {0, {}, {}}), TurnFailure);
  EXPECT_THROW(give_day_sums({77, 0}, {1, {}, {}}), TurnFailure);
  EXPECT_THROW(give_day_sums(closing, {2, {}, {}}), TurnFailure);
}

}  // namespace
}  // namespace hhgrid::actors::market_test
