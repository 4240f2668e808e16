#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/actors/market/market_harness.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::IsEmpty;

/// A journal with everything in it: two runs in flight at once, standing data that changes
/// meanwhile, a run held and released, a refused one, repeats and a dead letter.
void live_through(Market& market, const std::function<void()>& after_block) {
  const auto take = [&](const Entry& one) {
    market.take(one);
    after_block();
  };
  market.take(standing_entries());
  after_block();
  take(run_request(winter_day, 1));
  take(run_sums(sums_of_partition(1, 1)));
  take(run_request(winter_day, 2));
  take(run_sums(sums_of_partition(1, 2)));
  take(run_sums(sums_of_partition(0, 1)));
  take(run_defaults(defaults_of_partition(0, 1)));
  take(losses_entry(winter_day, 1200));
  auto run_only = sums_of_partition(0, 2);
  run_only.run_only_deltas = {group_sums(winter_utc_day - 3, 500, 20)};
  take(run_sums(run_only));
  take(run_sums(run_only));  // a dead letter: it has answered
  take(run_defaults(defaults_of_partition(1, 2)));
  take(run_defaults(defaults_of_partition(1, 1)));
  take(take_entry(winter_day, -176));  // after the first run, before the second told its group
  take(run_defaults(defaults_of_partition(0, 2)));
  take(run_release(2));
  take(run_request(core::SettlementDay{0}, 3));
}

TEST(MarketRestart, ARestartAfterEveryBlockChangesNothing) {
  ScratchDirectory dir;
  Market steady(dir.path() / "steady"), restarted(dir.path() / "restarted");
  live_through(steady, [] {});
  live_through(restarted, [&] { restarted.open(); });
  EXPECT_EQ(restarted.run(1).status, RunStatus::PUBLISHED) << restarted.run(1).reason;
  EXPECT_EQ(restarted.run(2).status, RunStatus::PUBLISHED) << restarted.run(2).reason;
  EXPECT_EQ(restarted.fold().dead_letter_count(), 1u);
  EXPECT_THAT(differences(restarted, steady), IsEmpty());
}

/// A crash leaves the store at one journal position (all families are flushed together), the rest
/// is in the journal alone.
TEST(MarketRestart, ACrashAtAnyBlockGivesTheSameBytesAfterTheJournalIsReplayed) {
  ScratchDirectory dir;
  Market steady(dir.path() / "steady");
  live_through(steady, [] {});
  for (std::size_t kept = 0; kept <= steady.journal.size(); ++kept) {
    Market crashed(dir.path() / std::to_string(kept));
    for (std::size_t i = 0; i < kept; ++i) crashed.apply(steady.journal[i]);
    crashed.open();
    for (const auto& block : steady.journal) crashed.apply(block);  // those it has are repeats
    EXPECT_THAT(differences(crashed, steady), IsEmpty()) << "crashed after block " << kept;
  }
}

TEST(MarketRestart, ARepeatedBlockChangesNothing) {
  ScratchDirectory dir;
  Market market(dir.path() / "store");
  live_through(market, [&] {
    const auto last = market.journal.back();
    market.apply(last);
  });
  Market steady(dir.path() / "steady");
  live_through(steady, [] {});
  EXPECT_THAT(differences(market, steady), IsEmpty());
}

TEST(MarketRestart, AMessageThatASenderRepeatsIsTakenOnce) {
  ScratchDirectory dir;
  Market market(dir.path() / "store");
  market.take(run_request(winter_day));
  const storage::BlockId block{storage::SenderId::of_partition(0), 1};
  market.take(run_sums(sums_of_partition(0)), block);
  market.take(run_sums(sums_of_partition(0)), block);
  EXPECT_EQ(market.fold().dead_letter_count(), 0u);
  EXPECT_EQ(market.fold().dropped().repeated, 1u);
}

TEST(MarketRestart, TheOrderInWhichPartitionsAnswerChangesNoResult) {
  ScratchDirectory dir;
  std::vector<std::uint64_t> digests;
  const std::array<std::array<storage::PartitionId, 3>, 3> orders = {
      {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}}};
  for (std::size_t o = 0; o < orders.size(); ++o) {
    Market market(dir.path() / std::to_string(o), 3);
    market.take(standing_entries());
    market.take(run_request(winter_day));
    for (const auto p : orders[o]) market.take(run_sums(sums_of_partition(p)));
    for (const auto p : orders[orders.size() - 1 - o])
      market.take(run_defaults(defaults_of_partition(p)));
    EXPECT_EQ(market.run(1).status, RunStatus::PUBLISHED) << market.run(1).reason;
    digests.push_back(market.run(1).digest);
  }
  EXPECT_EQ(digests[1], digests[0]);
  EXPECT_EQ(digests[2], digests[0]);
}

TEST(MarketRestart, ARunIsSettledByThePolicyOfItsRequestWhateverComesBetween) {
  ScratchDirectory dir;
  const RunPolicy policy{core::CorrectionMethod::legacy,
                         {.minimum_sample = 30,
                          .like_days_max = 60,
                          .off_peak = {48, 12},
                          .off_peak_of = {{core::GspGroup::parse("_D").value(), {47, 13}},
                                          {core::GspGroup::parse("_N").value(), {1, 14}}}}};
  Market market(dir.path() / "store");
  market.take(standing_entries());
  market.take(run_request(winter_day, 7, core::SettlementCode::ii, policy));
  market.open();
  for (const storage::PartitionId p : {0, 1}) market.take(run_sums(sums_of_partition(p)));
  for (const storage::PartitionId p : {0, 1}) market.take(run_defaults(defaults_of_partition(p)));
  const auto run = market.run(1);
  EXPECT_EQ(run.method, core::CorrectionMethod::legacy);
  EXPECT_EQ(run.shape, policy.shape);
  const auto factors = group_rows<FactorRow>(market, 1, for_each_factor);
  ASSERT_EQ(factors.size(), 1u);
  EXPECT_EQ(factors[0].gcf_export, factors[0].gcf_import) << "one factor for both";
}

TEST(MarketRestart, ARunUsesTheStandingDataOfItsRequestAlsoAfterARestart) {
  ScratchDirectory dir;
  for (const bool restart : {false, true}) {
    Market market(dir.path() / std::to_string(restart));
    market.take(standing_entries());
    market.take(run_request(winter_day));
    market.take(losses_entry(winter_day, 1200));
    if (restart) market.open();
    for (const storage::PartitionId p : {0, 1}) market.take(run_sums(sums_of_partition(p)));
    for (const storage::PartitionId p : {0, 1}) market.take(run_defaults(defaults_of_partition(p)));
    EXPECT_EQ(
        group_rows<ComponentRow>(market, 1, for_each_component).at(1).component.uncorrected_wh,
        each_period(160));
  }
}

TEST(MarketRestart, AGroupTakeCountsWhenItComesBeforeTheGroupIsToldToSettle) {
  ScratchDirectory dir;
  Market market(dir.path() / "store");
  market.take(standing_entries());
  market.take(run_request(winter_day));
  for (const storage::PartitionId p : {0, 1}) market.take(run_sums(sums_of_partition(p)));
  market.take(run_defaults(defaults_of_partition(0)));
  market.take(take_entry(winter_day, 2000));
  market.take(run_defaults(defaults_of_partition(1)));
  market.take(take_entry(winter_day, 3000));
  EXPECT_EQ(group_rows<FactorRow>(market, 1, for_each_factor).at(0).group_take_wh,
            each_period(2000));
}

}  // namespace
}  // namespace hhgrid::actors::market_test
