#include "actors/market/run_sums.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/market/run_request.hpp"
#include "tests/actors/market/market_entries.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The market's state without a store, with a run that two meter partitions are asked for.
class RunSums : public testing::Test {
 protected:
  RunSums() {
    const Entry words = run_request(winter_day);
    storage::EntryView view(words);
    turn(state_, view.entry().value().getRunRequest(), TurnContext{{1, 0}, {1'000}, {}});
  }
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
  MarketEffects give(const PartitionSums& sums) {
    const Entry words = actors::market_test::run_sums(sums);
    storage::EntryView view(words);
    return turn(state_, view.entry().value().getRunSums(), words);
  }
  static std::vector<storage::PartitionId> destinations(const MarketEffects& effects) {
    std::vector<storage::PartitionId> all;
    for (const auto& message : effects.messages) all.push_back(message.destination);
    return all;
  }

  MarketState state_{
      test::FoldGrid::calendar(),
      storage::Topology(2),
      [](core::UtcDay, core::UtcDay, const ShapeTotals::Add&) {},
      {[](std::uint32_t) { return std::nullopt; }, [](std::uint64_t) { return std::nullopt; },
       [](core::UtcDay) { return false; }, [](core::UtcDay) { return PublishedDay(); }}};
};

TEST_F(RunSums, AreKeptUntilTheLastPartitionHasAnswered) {
  const auto effects = give(of(1));
  EXPECT_THAT(effects.messages, IsEmpty());
  EXPECT_FALSE(effects.writes.empty()) << "the answer outlives a restart";
  EXPECT_FALSE(state_.open.at(1).has_all_sums());
}

TEST_F(RunSums, WithTheLastTheShapesGoToEveryPartitionThatAsked) {
  give(of(1));
  const auto effects = give(of(0));
  EXPECT_THAT(destinations(effects), ElementsAre(0, 1));
  for (const auto& message : effects.messages) {
    const auto shapes = message.message->getRoot<schema::Entry>().asReader().getRunShapes();
    ASSERT_EQ(shapes.getShapes().size(), 1u);
    EXPECT_EQ(shapes.getShapes()[0].getCounts()[0], 2) << "of both partitions";
  }
  EXPECT_TRUE(state_.open.at(1).shaped());
}

TEST_F(RunSums, TwiceOfOnePartitionFailAndChangeNothing) {
  give(of(1));
  EXPECT_THROW(give(of(1)), TurnFailure);
  EXPECT_THAT(destinations(give(of(0))), ElementsAre(0, 1));
}

TEST_F(RunSums, OfARunThatIsNotOpenFail) {
  auto sums = of(0);
  sums.run = 2;
  EXPECT_THROW(give(sums), TurnFailure);
}

TEST_F(RunSums, OfAPartitionThatTheGridHasNotFail) { EXPECT_THROW(give(of(2)), TurnFailure); }

}  // namespace
}  // namespace hhgrid::actors::market_test
