#include "actors/gsp/group_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/gsp/group_order.hpp"
#include "actors/gsp/group_take.hpp"
#include "tests/actors/market/market_entries.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A GSP Group without a store: gives it its messages and keeps what its units were told.
class GroupRun : public testing::Test {
 protected:
  GroupRun() {
    ports_.bmu_day = [this](const BmuAddress& unit, core::SettlementDay day) {
      return BmuDay{unit, day, units_[unit]};
    };
  }

  void give_take(core::WattHours energy_wh) {
    const Entry words = take_entry(winter_day, energy_wh);
    storage::EntryView view(words);
    StandingPorts standing;
    standing.of_delivery = [](storage::Position) { return false; };
    standing.records = [](const std::string&) { return std::map<std::string, std::string>(); };
    take_turn(state_, view.entry().value(), words, context(), standing);
  }
  MarketEffects settle(std::uint32_t run, core::WattHours metered_wh,
                       core::GspGroup group = group_c) {
    core::StandingData data;
    for (const Entry& words : standing_entries()) {
      storage::EntryView view(words);
      put(data, read_standing(view.entry().value()));
    }
    GroupVolume volume;
    volume.volume.terms = domestic_import();
    volume.volume.terms.gsp_group = group;
    volume.volume.msid_count = volume.meter_count = 1;
    volume.volume.energy_wh = volume.volume.actual_wh = each_period(metered_wh, periods_given_);
    GroupOrder order{run, group, winter_day, core::CorrectionMethod::legacy, {}, {volume}};
    order.standing = standing_of_group(data, group, winter_day, 48, order.volumes);
    const Entry words = entry([&](auto root) { write_group_order(order, root.initGroupRun()); });
    storage::EntryView view(words);
    return turn(state_, view.entry().value().getGroupRun(), words, context(), ports_);
  }
  /// What the unit of the tests is to keep of a run.
  static std::vector<BmuRun> told(const MarketEffects& effects) {
    std::vector<BmuRun> runs;
    for (const StoreWrite& write : effects.writes)
      if (write.family == storage::Family::actor && bmu_key::read(write.key))
        runs.push_back(read_bmu_record(write.key, write.value.value(), "the test").value());
    return runs;
  }
  static schema::GroupSettled::Reader answer(const MarketEffects& effects) {
    EXPECT_THAT(effects.messages, SizeIs(1));
    return effects.messages.at(0).message->getRoot<schema::Entry>().asReader().getGroupSettled();
  }
  TurnContext context() { return {{++block_, 0}, {1'000}, {}}; }

  GspGroupState state_{group_c, test::FoldGrid::calendar(), storage::Topology(1), {}};
  GspGroupPorts ports_;
  std::map<BmuAddress, std::vector<BmuRun>> units_;
  int periods_given_ = 48;
  storage::BlockNumber block_ = 0;
};

TEST_F(GroupRun, GivesItsUnitsTheGroupsTakeAndTellsTheMarket) {
  give_take(1936);
  const auto effects = settle(7, 1700);
  const auto units = told(effects);
  ASSERT_THAT(units, SizeIs(1));
  EXPECT_EQ(units[0].run, 7u);
  EXPECT_EQ(units[0].import_wh, each_period(1936)) << "all of the take is the only unit's";
  EXPECT_THAT(units[0].classes, SizeIs(2)) << "consumption and losses";
  const auto settled = answer(effects);
  EXPECT_EQ(effects.messages[0].destination, state_.topology.market());
  EXPECT_EQ(settled.getRunNumber(), 7u);
  EXPECT_NE(settled.getDigest(), 0u);
  EXPECT_STREQ(settled.getRefused().cStr(), "");
}

TEST_F(GroupRun, TheSameGivesTheSameDigestAndAnotherTakeAnother) {
  give_take(1936);
  const auto digest = answer(settle(7, 1700)).getDigest();
  EXPECT_EQ(answer(settle(7, 1700)).getDigest(), digest);
  give_take(1937);
  EXPECT_NE(answer(settle(7, 1700)).getDigest(), digest);
}

TEST_F(GroupRun, ALaterRunTellsItsUnitsWhatHasChanged) {
  give_take(1936);
  units_[{supplier_a, bmu_a}] = told(settle(7, 1700));
  give_take(2000);
  const auto later = told(settle(8, 1700));
  ASSERT_THAT(later, SizeIs(1));
  EXPECT_EQ(later[0].change_from_run, 7u);
  core::WattHours change = 0;
  for (const auto& volume : later[0].classes) change += volume.change_wh[0];
  EXPECT_EQ(change, 2000 - 1936);
}

TEST_F(GroupRun, WithoutATakeIsRefusedAndLeavesNothing) {
  const auto effects = settle(7, 1700);
  EXPECT_THAT(effects.writes, IsEmpty());
  EXPECT_THAT(answer(effects).getRefused().cStr(), HasSubstr("Group Take"));
}

TEST_F(GroupRun, OfAnotherGroupIsNotForIt) {
  try {
    settle(7, 1700, core::GspGroup::parse("_A").value());
    FAIL() << "was taken";
  } catch (const TurnFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("is not the group of this partition"));
  }
}

TEST_F(GroupRun, WithEnergyAfterTheDaysLastPeriodFails) {
  periods_given_ = 49;
  try {
    settle(7, 1700);
    FAIL() << "was taken";
  } catch (const TurnFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("after the settlement day's 48 periods"));
  }
}

TEST_F(GroupRun, ThatCannotTakePartIsAnsweredWithTheReason) {
  const auto effects = refuse_run(state_, 7, "its store is full");
  EXPECT_THAT(effects.writes, IsEmpty());
  EXPECT_THAT(answer(effects).getRefused().cStr(), HasSubstr("GSP Group _C cannot take part"));
}

}  // namespace
}  // namespace hhgrid::actors::market_test
