#include "actors/market/group_settled.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/actors/market/lone_market.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

class GroupSettled : public LoneMarket {
 protected:
  GroupSettled() { collect_defaults(); }
  static GroupAnswer answer() { return {1, group_c, 99, {}, {}, {}}; }
};

TEST_F(GroupSettled, TheLastAnswerPublishesTheRun) {
  const auto effects = give_answer(answer());
  EXPECT_EQ(announced(effects).status, RunStatus::PUBLISHED);
  EXPECT_THAT(effects.messages, IsEmpty());
  EXPECT_THAT(erased(effects), IsSupersetOf(answers_kept(1, {state_.topology.of(group_c)})));
  EXPECT_THAT(state_.open, IsEmpty());
  EXPECT_THAT(state_.held, IsEmpty());
}

TEST_F(GroupSettled, AReasonToHoldHoldsTheRunUntilItIsReleased) {
  auto held = answer();
  held.held = "_C: a factor is below zero.";
  const auto effects = give_answer(held);
  EXPECT_EQ(announced(effects).status, RunStatus::HELD);
  EXPECT_EQ(announced(effects).reason, "_C: a factor is below zero.");
  EXPECT_TRUE(state_.held.contains(1));
  EXPECT_THAT(state_.open, IsEmpty());
}

TEST_F(GroupSettled, AReasonToRefuseRefusesTheRunAndNothingOfItStays) {
  auto refused = answer();
  refused.refused = "_C has no Group Take.";
  const auto effects = give_answer(refused);
  EXPECT_THAT(destinations(effects), ElementsAre(0, 1, state_.topology.of(group_c)));
  expect_refused(effects, 1, "_C has no Group Take.", {state_.topology.of(group_c)});
  EXPECT_EQ(sent(effects, 2).getGroupRunDropped().getRunNumber(), 1u);
  EXPECT_EQ(sent(effects, 2).getGroupRunDropped().getSettlementDay(), winter_day.value);
}

TEST_F(GroupSettled, ARunIsNotOverWhileAnotherGroupHasNotAnswered) {
  request(winter_day, 8);
  auto elsewhere = domestic_import();
  elsewhere.gsp_group = core::GspGroup::parse("_A").value();
  for (const storage::PartitionId p : {0, 1}) {
    auto sums = sums_of_partition(p, 2);
    sums.terms_sums.push_back(terms_sums(100, 1, elsewhere));
    give_sums(sums);
  }
  for (const storage::PartitionId p : {0, 1}) give_defaults(defaults_of_partition(p, 2));
  auto first = answer();
  first.run = 2;
  EXPECT_THAT(give_answer(first).events, IsEmpty());
  auto second = first;
  second.gsp_group = elsewhere.gsp_group;
  EXPECT_EQ(announced(give_answer(second)).status, RunStatus::PUBLISHED);
}

TEST_F(GroupSettled, OfAGroupThatWasNotAskedOrHasAnsweredFails) {
  auto other = answer();
  other.gsp_group = core::GspGroup::parse("_A").value();
  EXPECT_THROW(give_answer(other), TurnFailure);
  give_answer(answer());
  EXPECT_THROW(give_answer(answer()), TurnFailure) << "the run is over";
}

}  // namespace
}  // namespace hhgrid::actors::market_test
