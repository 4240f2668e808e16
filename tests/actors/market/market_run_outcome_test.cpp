#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/market/market_fold.hpp"
#include "tests/actors/market/market_harness.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::HasSubstr;

/// How a run ends: published, held, refused; and what is no part of any.
class MarketOutcome : public ::testing::Test {
 protected:
  ScratchDirectory dir_;
  Market market_{dir_.path() / "store"};
};

TEST_F(MarketOutcome, EveryChangeOfStatusIsAnnouncedAfterItsCommit) {
  settle_winter_day(market_);
  ASSERT_EQ(market_.events.size(), 2u);
  EXPECT_EQ(market_.events[0].status, RunStatus::COLLECTING);
  EXPECT_EQ(market_.events[1].status, RunStatus::PUBLISHED);
  EXPECT_EQ(market_.events[1].request_id, 7u);
  EXPECT_EQ(market_.events[1].run_number, 1u);
}

TEST_F(MarketOutcome, ADayOutsideTheCalendarIsRefused) {
  market_.take(run_request(core::SettlementDay{1}));
  EXPECT_EQ(market_.run(1).status, RunStatus::REFUSED);
  EXPECT_THAT(market_.run(1).reason, HasSubstr("calendar"));
  EXPECT_TRUE(market_.sent.empty());
}

TEST_F(MarketOutcome, ARunWithoutMetersIsRefused) {
  market_.take(standing_entries());
  market_.take(run_request(winter_day));
  for (const storage::PartitionId p : {0, 1})
    market_.take(run_sums(PartitionSums{1, {p, {}, 0}, {}, {}, {}, {}}));
  for (const storage::PartitionId p : {0, 1}) market_.take(run_defaults({1, p, {}, {}}));
  EXPECT_EQ(market_.run(1).status, RunStatus::REFUSED);
  EXPECT_THAT(market_.run(1).reason, HasSubstr("no meter is registered"));
}

TEST_F(MarketOutcome, ARunWithoutAGroupTakeIsRefusedAndStoresNoVolumes) {
  auto entries = standing_entries();
  entries.pop_back();
  market_.take(entries);
  market_.take(run_request(winter_day));
  for (const storage::PartitionId p : {0, 1}) market_.take(run_sums(sums_of_partition(p)));
  for (const storage::PartitionId p : {0, 1}) market_.take(run_defaults(defaults_of_partition(p)));
  EXPECT_EQ(market_.run(1).status, RunStatus::REFUSED);
  EXPECT_THAT(market_.run(1).reason, HasSubstr("_C"));
  EXPECT_TRUE(bmu_volumes(market_, 1).empty());
  EXPECT_EQ(market_.events.back().status, RunStatus::REFUSED);
}

void settle_with_negative_factor(Market& market) {
  market.take(standing_entries(winter_day, -176));  // 1 + 100 x (-176 - 1760) / 176000 = -0.1
  market.take(run_request(winter_day));
  for (const storage::PartitionId p : {0, 1}) market.take(run_sums(sums_of_partition(p)));
  for (const storage::PartitionId p : {0, 1}) market.take(run_defaults(defaults_of_partition(p)));
}

TEST_F(MarketOutcome, AFactorBelowZeroHoldsTheRunUntilItIsReleased) {
  settle_with_negative_factor(market_);
  EXPECT_EQ(market_.run(1).status, RunStatus::HELD);
  const auto view = market_.view();
  EXPECT_FALSE(find_run(view, "latest").value());
  market_.take(run_release(1));
  EXPECT_EQ(market_.run(1).status, RunStatus::PUBLISHED);
  EXPECT_EQ(find_run(market_.view(), "latest").value()->number, 1u);
  EXPECT_EQ(market_.events.back().status, RunStatus::PUBLISHED);
}

TEST_F(MarketOutcome, AHeldRunIsStillHeldAfterARestart) {
  settle_with_negative_factor(market_);
  market_.open();
  EXPECT_EQ(market_.fold().held_run_count(), 1u);
  market_.take(run_release(1));
  EXPECT_EQ(market_.run(1).status, RunStatus::PUBLISHED);
}

TEST_F(MarketOutcome, AReleaseOfARunThatThereIsNotIsADeadLetter) {
  market_.take(run_release(1));
  EXPECT_EQ(market_.fold().dead_letter_count(), 1u);
}

TEST_F(MarketOutcome, ASecondReleaseOfARunIsToldThatItIsPublished) {
  settle_with_negative_factor(market_);
  market_.take(run_release(1));
  market_.events.clear();
  market_.take(run_release(1));
  EXPECT_EQ(market_.fold().dead_letter_count(), 0u);
  ASSERT_EQ(market_.events.size(), 1u);
  EXPECT_EQ(market_.events.back().status, RunStatus::PUBLISHED);
  market_.open();
  market_.take(run_release(1));
  EXPECT_EQ(market_.fold().dead_letter_count(), 0u);
}

TEST_F(MarketOutcome, TwoReleasesOfOneHeldRunInOneBlockPublishItOnce) {
  settle_with_negative_factor(market_);
  std::vector<Entry> releases;
  releases.push_back(run_release(1));
  releases.push_back(run_release(1));
  market_.take(releases);
  EXPECT_EQ(market_.run(1).status, RunStatus::PUBLISHED);
  EXPECT_EQ(market_.fold().dead_letter_count(), 0u);
}

TEST_F(MarketOutcome, ARepeatedRequestStartsNoSecondRun) {
  settle_winter_day(market_);
  market_.take(run_request(winter_day, 7));
  EXPECT_FALSE(read_run(market_.view(), 2).value());
  EXPECT_EQ(market_.events.back().status, RunStatus::PUBLISHED);
  market_.open();
  market_.take(run_request(winter_day, 7));
  EXPECT_FALSE(read_run(market_.view(), 2).value());
}

// -- what does not fit --------------------------------------------------------------------------

TEST_F(MarketOutcome, AnEntryForAnotherPartitionIsADeadLetter) {
  market_.take(entry([](auto root) { root.initRunMarker().setRunNumber(1); }));
  EXPECT_EQ(market_.fold().dead_letter_count(), 1u);
}

TEST_F(MarketOutcome, SumsOfALaterRunBeforeThoseOfAnEarlierAreADeadLetter) {
  market_.take(run_request(winter_day, 1));
  market_.take(run_request(winter_day, 2));
  market_.take(run_sums(sums_of_partition(0, 2)));
  EXPECT_EQ(market_.fold().dead_letter_count(), 1u);
  market_.take(run_sums(sums_of_partition(0, 1)));
  market_.take(run_sums(sums_of_partition(0, 2)));
  EXPECT_EQ(market_.fold().dead_letter_count(), 1u);
}

TEST_F(MarketOutcome, EnergyAfterTheLastPeriodOfTheDayIsADeadLetter) {
  market_.take(run_request(winter_day));
  auto sums = sums_of_partition(0);
  sums.terms_sums[0].actual_wh[48] = 1;
  market_.take(run_sums(sums));
  EXPECT_EQ(market_.fold().dead_letter_count(), 1u);
  market_.take(run_sums(sums_of_partition(0)));  // nothing of it was taken
  EXPECT_EQ(market_.fold().dead_letter_count(), 1u);
}

}  // namespace
}  // namespace hhgrid::actors::market_test
