#include "actors/market/day_closed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/actors/market/lone_market.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using DayClosed = LoneMarket;

TEST_F(DayClosed, AsksEveryMeterPartitionForItsSums) {
  const auto effects = close(winter_utc_day);
  EXPECT_THAT(destinations(effects), ElementsAre(0, 1));
  for (std::size_t n = 0; n < 2; ++n) {
    EXPECT_EQ(sent(effects, n).getDayMarker().getClosing(), position().number());
    EXPECT_EQ(sent(effects, n).getDayMarker().getUtcDay(), winter_utc_day.value);
  }
  EXPECT_EQ(effects.writes.size(), 1u) << "the closing outlives a restart";
  const auto& open = state_.closings.at(position());
  EXPECT_EQ(open.closing().day, winter_utc_day);
  EXPECT_EQ(open.closing().policy.minimum_sample, 3);
}

TEST_F(DayClosed, TwiceChangesNothing) {
  close(winter_utc_day);
  const auto effects = close(winter_utc_day);
  EXPECT_THAT(effects.messages, IsEmpty());
  EXPECT_THAT(effects.writes, IsEmpty());
  EXPECT_EQ(state_.closings.size(), 1u);
}

TEST_F(DayClosed, OfADayThatTheStoreHasAsClosedChangesNothing) {
  stored_closed_.insert(winter_utc_day);
  const auto effects = close(winter_utc_day);
  EXPECT_THAT(effects.messages, IsEmpty());
  EXPECT_THAT(effects.writes, IsEmpty());
  EXPECT_THAT(state_.closings, IsEmpty());
}

TEST_F(DayClosed, DaysMayBeClosedSideBySide) {
  close(winter_utc_day);
  EXPECT_THAT(destinations(close(winter_utc_day + 1)), ElementsAre(0, 1));
  EXPECT_EQ(state_.closings.size(), 2u);
}

TEST_F(DayClosed, OutsideTheCalendarFails) {
  EXPECT_THROW(close(core::UtcDay{2'000'000}), TurnFailure);
}

}  // namespace
}  // namespace hhgrid::actors::market_test
