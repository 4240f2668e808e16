#include "actors/market/run_defaults.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/actors/market/lone_market.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using RunDefaults = LoneMarket;

TEST_F(RunDefaults, AreKeptUntilTheLastPartitionHasAnswered) {
  collect_sums();
  const auto effects = give_defaults(defaults_of_partition(1));
  EXPECT_THAT(effects.messages, IsEmpty());
  EXPECT_EQ(effects.writes.size(), 1u) << "the answer outlives a restart";
  EXPECT_FALSE(state_.open.at(1).has_all_defaults());
}

TEST_F(RunDefaults, WithTheLastEveryGroupWithMetersIsToldToSettle) {
  const auto effects = collect_defaults();
  EXPECT_THAT(destinations(effects), ElementsAre(state_.topology.of(group_c)));
  const auto order = sent(effects, 0).getGroupRun();
  EXPECT_EQ(order.getRunNumber(), 1u);
  EXPECT_EQ(order.getGspGroup(), "_C");
  ASSERT_EQ(order.getVolumes().size(), 1u);
  EXPECT_EQ(order.getVolumes()[0].getMsidCount(), 20u) << "of both partitions";
  EXPECT_TRUE(state_.open.at(1).awaits(group_c));
}

TEST_F(RunDefaults, WithoutMetersTheRunIsRefused) {
  request();
  for (const storage::PartitionId p : {0, 1}) give_sums({1, {p, {}, 0}, {}, {}, {}, {}});
  give_defaults({1, 0, {}, {}});
  const auto effects = give_defaults({1, 1, {}, {}});
  EXPECT_EQ(announced(effects).status, RunStatus::REFUSED);
  EXPECT_THAT(state_.open, IsEmpty());
}

TEST_F(RunDefaults, WhenAPartitionCouldNotDefaultTheRunIsRefusedAndTheOthersForgetTheirs) {
  collect_sums();
  auto failed = defaults_of_partition(0);
  failed.failure = "partition 0 cannot default";
  EXPECT_THAT(give_defaults(failed).events, IsEmpty());
  const auto effects = give_defaults(defaults_of_partition(1));
  EXPECT_THAT(destinations(effects), ElementsAre(0, 1));
  expect_refused(effects, 1, "partition 0 cannot default");
}

TEST_F(RunDefaults, BeforeTheLoadShapesAreSentFail) {
  request();
  EXPECT_THROW(give_defaults(defaults_of_partition(0)), TurnFailure);
}

TEST_F(RunDefaults, TwiceOfOnePartitionFailAndChangeNothing) {
  collect_sums();
  give_defaults(defaults_of_partition(0));
  EXPECT_THROW(give_defaults(defaults_of_partition(0)), TurnFailure);
  EXPECT_THAT(destinations(give_defaults(defaults_of_partition(1))),
              ElementsAre(state_.topology.of(group_c)));
}

TEST_F(RunDefaults, WithEnergyAfterTheLastPeriodOfTheDayFail) {
  collect_sums();
  auto defaults = defaults_of_partition(1);
  defaults.sums[0].energy_wh[48] = 1;
  EXPECT_THROW(give_defaults(defaults), TurnFailure);
  EXPECT_FALSE(state_.open.at(1).has_defaults_of(1));
}

}  // namespace
}  // namespace hhgrid::actors::market_test
