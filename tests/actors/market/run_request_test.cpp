#include "actors/market/run_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/actors/market/lone_market.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using RunRequest = LoneMarket;

TEST_F(RunRequest, OpensARunAndSendsEveryMeterPartitionItsMarker) {
  const auto effects = request();
  EXPECT_THAT(destinations(effects), ElementsAre(0, 1));
  for (std::size_t n = 0; n < 2; ++n) {
    const auto marker = sent(effects, n).getRunMarker();
    EXPECT_EQ(marker.getRunNumber(), 1u);
    EXPECT_EQ(marker.getSettlementDay(), winter_day.value);
    EXPECT_EQ(marker.getCutoff(), cutoff.milliseconds);
  }
  EXPECT_EQ(announced(effects).status, RunStatus::COLLECTING);
  EXPECT_FALSE(effects.writes.empty()) << "the run outlives a restart";
  EXPECT_EQ(state_.open.at(1).info().standing_position, position());
}

TEST_F(RunRequest, RepeatedInTheSameBlockStartsNoSecondRun) {
  request();
  const auto effects = request();
  EXPECT_THAT(effects.messages, IsEmpty());
  EXPECT_THAT(effects.writes, IsEmpty());
  EXPECT_EQ(announced(effects).run_number, 1u);
  EXPECT_EQ(state_.open.size(), 1u);
}

TEST_F(RunRequest, RepeatedOfARunThatTheStoreHasTellsWhereThatStands) {
  RunInfo earlier;
  earlier.number = 1;
  earlier.request_id = 7;
  earlier.status = RunStatus::PUBLISHED;
  stored_runs_.emplace(1, earlier);
  state_.run_count = 1;
  const auto effects = request();
  EXPECT_EQ(announced(effects).status, RunStatus::PUBLISHED);
  EXPECT_THAT(effects.messages, IsEmpty());
  EXPECT_THAT(state_.open, IsEmpty());
}

TEST_F(RunRequest, AnotherRequestOfTheSameDayIsARunOfItsOwn) {
  request(winter_day, 7);
  EXPECT_EQ(announced(request(winter_day, 8)).run_number, 2u);
  EXPECT_EQ(state_.open.size(), 2u);
}

TEST_F(RunRequest, OfADayOutsideTheCalendarIsRefusedAndAsksNobody) {
  const auto effects = request(core::SettlementDay{1});
  EXPECT_EQ(announced(effects).status, RunStatus::REFUSED);
  EXPECT_THAT(announced(effects).reason, HasSubstr("day number 1 "));
  EXPECT_THAT(effects.messages, IsEmpty());
  EXPECT_THAT(state_.open, IsEmpty());
}

}  // namespace
}  // namespace hhgrid::actors::market_test
