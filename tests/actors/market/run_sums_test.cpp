#include "actors/market/run_sums.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/actors/market/lone_market.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A run that two meter partitions are asked for.
class RunSums : public LoneMarket {
 protected:
  RunSums() { request(); }
  static PartitionSums of(storage::PartitionId partition) {
    PartitionSums sums;
    sums.run = 1;
    sums.input.partition = partition;
    sums.input.marker_position = {9, 0};
    sums.shape_deltas = {group_sums(winter_utc_day, 500, 1)};
    sums.terms_sums = {terms_sums(500, 1)};
    sums.missing = {{winter_utc_day, shape_group_of(domestic_import())}};
    return sums;
  }
};

TEST_F(RunSums, AreKeptUntilTheLastPartitionHasAnswered) {
  const auto effects = give_sums(of(1));
  EXPECT_THAT(effects.messages, IsEmpty());
  EXPECT_FALSE(effects.writes.empty()) << "the answer outlives a restart";
  EXPECT_FALSE(state_.open.at(1).has_all_sums());
}

TEST_F(RunSums, WithTheLastTheShapesGoToEveryPartitionThatAsked) {
  give_sums(of(1));
  const auto effects = give_sums(of(0));
  EXPECT_THAT(destinations(effects), ElementsAre(0, 1));
  for (std::size_t n = 0; n < 2; ++n) {
    const auto shapes = sent(effects, n).getRunShapes();
    ASSERT_EQ(shapes.getShapes().size(), 1u);
    EXPECT_EQ(shapes.getShapes()[0].getCounts()[0], 2) << "of both partitions";
  }
  EXPECT_TRUE(state_.open.at(1).shaped());
}

TEST_F(RunSums, WhenAPartitionCannotTakePartTheRunIsRefusedOnceAllHaveAnswered) {
  auto failed = of(1);
  failed.failure = "partition 1 cannot read its ledger";
  EXPECT_THAT(give_sums(failed).events, IsEmpty());
  const auto effects = give_sums(of(0));
  expect_refused(effects, 1, "partition 1 cannot read its ledger");
}

TEST_F(RunSums, TwiceOfOnePartitionFailAndChangeNothing) {
  give_sums(of(1));
  EXPECT_THROW(give_sums(of(1)), TurnFailure);
  EXPECT_THAT(destinations(give_sums(of(0))), ElementsAre(0, 1));
}

TEST_F(RunSums, OfARunThatIsNotOpenFail) {
  auto sums = of(0);
  sums.run = 2;
  EXPECT_THROW(give_sums(sums), TurnFailure);
}

TEST_F(RunSums, OfAPartitionThatTheGridHasNotFail) { EXPECT_THROW(give_sums(of(2)), TurnFailure); }

}  // namespace
}  // namespace hhgrid::actors::market_test
