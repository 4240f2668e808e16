#include "actors/market/run_release.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/actors/market/lone_market.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::IsEmpty;

class RunRelease : public LoneMarket {
 protected:
  void hold() {
    collect_defaults();
    give_answer({1, group_c, 99, "_C: a factor is below zero.", {}, {}});
  }
};

TEST_F(RunRelease, PublishesARunThatIsHeld) {
  hold();
  const auto effects = release(1);
  EXPECT_EQ(announced(effects).status, RunStatus::PUBLISHED);
  EXPECT_FALSE(effects.writes.empty()) << "the run's record";
  EXPECT_THAT(state_.held, IsEmpty());
}

TEST_F(RunRelease, OfTwoInOneBlockTheSecondIsToldTheSameAndStoresNothing) {
  hold();
  release(1);
  const auto effects = release(1);
  EXPECT_EQ(announced(effects).status, RunStatus::PUBLISHED);
  EXPECT_THAT(effects.writes, IsEmpty());
}

TEST_F(RunRelease, OfARunThatTheStoreHasAsReleasedIsToldTheSame) {
  hold();
  release(1);
  stored_runs_ = {state_.released.begin(), state_.released.end()};
  state_.committed();
  const auto effects = release(1);
  EXPECT_EQ(announced(effects).status, RunStatus::PUBLISHED);
  EXPECT_THAT(effects.writes, IsEmpty());
}

TEST_F(RunRelease, OfARunThatWasNeverHeldFails) {
  RunInfo published;
  published.number = 1;
  published.status = RunStatus::PUBLISHED;
  stored_runs_.emplace(1, published);
  EXPECT_THROW(release(1), TurnFailure);
}

TEST_F(RunRelease, OfARunThatThereIsNotFails) { EXPECT_THROW(release(1), TurnFailure); }

}  // namespace
}  // namespace hhgrid::actors::market_test
