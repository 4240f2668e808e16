#include "actors/gsp/gsp_fold.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/gsp/run_results_key.hpp"
#include "tests/actors/market/market_harness.hpp"

namespace hhgrid::actors::market_test {
namespace {

using storage::Family;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const core::GspGroup group_a = core::GspGroup::parse("_A").value();

class GspFoldTest : public ::testing::Test {
 protected:
  std::vector<std::string> keys(Family family, std::string_view prefix) {
    std::vector<std::string> found;
    EXPECT_TRUE(market_.group_store().scan_prefix(family, prefix, [&](auto key, auto) {
      found.emplace_back(key);
      return true;
    }));
    return found;
  }
  /// A run in which partition 1 answers nothing of its own.
  void settle(std::uint32_t run, const std::vector<core::Terms>& terms) {
    market_.take(run_request(winter_day, 100 + run));
    for (const storage::PartitionId p : {0, 1}) {
      auto sums = sums_of_partition(0, run);
      sums.input.partition = p;
      sums.terms_sums.clear();
      sums.shape_deltas.clear();
      if (p == 0)
        for (const auto& one : terms) sums.terms_sums.push_back(terms_sums(1000, 3, one));
      market_.take(run_sums(sums));
    }
    for (const storage::PartitionId p : {0, 1}) market_.take(run_defaults({run, p, {}, {}, {}}));
  }
  static core::Terms terms_of(core::GspGroup gsp_group) {
    auto terms = domestic_import();
    terms.gsp_group = gsp_group;
    return terms;
  }

  ScratchDirectory dir_;
  Market market_{dir_.path() / "store"};
};

TEST_F(GspFoldTest, ARefusedRunLeavesNothingInAGroupThatSettledIt) {
  market_.take(standing_entries());  // nothing of _A
  settle(1, {terms_of(group_c), terms_of(group_a)});
  EXPECT_EQ(market_.run(1).status, RunStatus::REFUSED);
  EXPECT_THAT(market_.run(1).reason, HasSubstr("_A"));
  EXPECT_THAT(keys(Family::run, ""), IsEmpty());
  EXPECT_THAT(keys(Family::actor, bmu_key::of_day(winter_day)), IsEmpty());
}

TEST_F(GspFoldTest, ARefusedRunBetweenTwoOthersIsNoRunToCompareWith) {
  market_.take(standing_entries());
  settle(1, {terms_of(group_c)});
  settle(2, {terms_of(group_c), terms_of(group_a)});
  market_.take(take_entry(winter_day, 2000));
  settle(3, {terms_of(group_c)});
  const auto day = read_bmu_day(market_.group_view(), winter_day, {supplier_a, bmu_a}).value();
  ASSERT_EQ(day.runs.size(), 2u);
  EXPECT_EQ(day.runs[1].run, 3u);
  EXPECT_EQ(day.runs[1].change_from_run, 1u);
}

TEST_F(GspFoldTest, ABmUnitKeepsWhatEveryRunGaveItByClass) {
  market_.take(standing_entries());
  settle_winter_day(market_);
  const auto day = read_bmu_day(market_.group_view(), winter_day, {supplier_a, bmu_a}).value();
  ASSERT_EQ(day.runs.size(), 1u);
  EXPECT_EQ(day.runs[0].import_wh, each_period(1936));
  ASSERT_EQ(day.runs[0].classes.size(), 2u);
  EXPECT_EQ(day.runs[0].classes[0].ccc_id, 1);
  EXPECT_EQ(day.runs[0].classes[0].allocated_wh, each_period(1760));
  EXPECT_EQ(day.runs[0].classes[1].allocated_wh, each_period(176));
}

TEST_F(GspFoldTest, TheOrderIsKeptWithTheRun) {
  settle_winter_day(market_);
  const auto kept = read_group_run(market_.group_view(), 1).value();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->first.position, storage::Position(2, 0)) << "after the Group Take";
  EXPECT_EQ(kept->first.digest, market_.run(1).groups.at(0).digest);
}

TEST_F(GspFoldTest, ARepeatedTakeChangesNothing) {
  market_.take(take_entry(winter_day, 5));
  market_.take(take_entry(winter_day, 5));
  market_.open();
  market_.take(take_entry(winter_day, 5));
  EXPECT_EQ(keys(Family::actor, "s").size(), 1u);
}

TEST_F(GspFoldTest, WhatIsForAnotherPartitionIsADeadLetter) {
  market_.take(take_entry(winter_day, 5));
  storage::BlockBuilder builder({1'600'000'000'000}, "test");
  builder.add(bmu_entry());
  const auto words = entry([](auto root) {
    auto order = root.initGroupRunDropped();
    order.setSettlementDay(2'000'000'000);
  });
  builder.add(words);
  market_.apply({storage::Topology(2).of(group_c), {2, builder.finish({{9, 9}, 1})}});
  EXPECT_EQ(market_.group_fold().dead_letter_count(), 2u);
}

TEST_F(GspFoldTest, ADamagedRecordStopsTheGroupAndDecidesNothing) {
  settle_winter_day(market_);
  storage::Commit commit(market_.group_store());
  commit.put(Family::actor, bmu_key::of_run(winter_day, {supplier_a, bmu_a}, 1), "12345678");
  ASSERT_TRUE(market_.group_store().commit(commit, 2));
  market_.may_stop = storage::Topology(2).of(group_c);
  settle(2, {terms_of(group_c)});
  ASSERT_TRUE(market_.stopped);
  EXPECT_EQ(market_.stopped->code, storage::Errc::damaged);
  EXPECT_EQ(market_.run(2).status, RunStatus::COLLECTING);
  EXPECT_EQ(market_.group_fold().dead_letter_count(), 0u);
}

}  // namespace
}  // namespace hhgrid::actors::market_test
