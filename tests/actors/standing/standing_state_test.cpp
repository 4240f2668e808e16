#include "actors/standing/standing_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/standing/standing_row.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "tests/actors/market/market_harness.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::HasSubstr;

/// Gives the state an entry at a position, without any store.
MarketEffects give(StandingState& state, const Entry& words, storage::BlockNumber block) {
  MarketEffects effects;
  storage::EntryView view(words);
  state.turn(view.entry().value(), words, {{block, 0}, {}, {}}, effects);
  return effects;
}

core::WattHours take_of(const core::StandingData& data) {
  return data.group_take(group_c, winter_day)->energy_wh[0];
}

TEST(StandingState, EveryVersionIsStoredVerbatimUnderItsPosition) {
  StandingState state;
  const auto words = take_entry(winter_day, 5);
  const auto effects = give(state, words, 77);
  ASSERT_EQ(effects.writes.size(), 1u);
  EXPECT_EQ(effects.writes[0].family, storage::Family::actor);
  EXPECT_EQ(effects.writes[0].value->size(), words.asBytes().size());
  EXPECT_EQ(std::memcmp(effects.writes[0].value->data(), words.begin(), words.asBytes().size()), 0);
  EXPECT_EQ(effects.writes[0].key.substr(effects.writes[0].key.size() - 8),
            storage::KeyWriter().position({77, 0}).str());
}

TEST(StandingState, ARepeatOfTheCurrentRowIsUnchanged) {
  StandingState state;
  give(state, take_entry(winter_day, 5), 1);
  EXPECT_TRUE(give(state, take_entry(winter_day, 5), 2).writes.empty());
  EXPECT_EQ(state.unchanged_count(), 1u);
  EXPECT_EQ(state.newest_position(), storage::Position(1, 0));
}

TEST(StandingState, AReturnToAnEarlierVersionIsAChange) {
  StandingState state;
  give(state, take_entry(winter_day, 5), 1);
  give(state, take_entry(winter_day, 6), 2);
  EXPECT_EQ(give(state, take_entry(winter_day, 5), 3).writes.size(), 1u);
  EXPECT_EQ(take_of(*state.snapshot()), 5);
  EXPECT_EQ(state.row_count(), 1u);
}

TEST(StandingState, ASnapshotStaysAsItIs) {
  StandingState state;
  give(state, take_entry(winter_day, 5), 1);
  const auto before = state.snapshot();
  give(state, take_entry(winter_day, 6), 2);
  EXPECT_EQ(take_of(*before), 5);
  EXPECT_EQ(take_of(*state.snapshot()), 6);
}

TEST(StandingState, WithoutARunInFlightNothingIsCopied) {
  StandingState state;
  give(state, take_entry(winter_day, 5), 1);
  const core::StandingData* table = state.snapshot().get();
  give(state, take_entry(winter_day, 6), 2);
  EXPECT_EQ(state.snapshot().get(), table);
}

TEST(StandingState, AnEntryThatIsNoStandingDataIsRefused) {
  StandingState state;
  EXPECT_THROW(give(state, run_release(1), 1), TurnFailure);
}

TEST(StandingRow, EveryKindOfRowHasItsOwnKeys) {
  storage::EntryScratch scratch;
  std::vector<Entry> entries = standing_entries();
  entries.push_back(losses_entry(winter_day + 1, 1100));
  entries.push_back(take_entry(winter_day + 1, 1));
  entries.push_back(
      storage::copy_words(storage::encode_bank_holiday({winter_day.value, "A day"}, scratch)));
  entries.push_back(storage::copy_words(storage::encode_run_date(
      {winter_day, core::SettlementCode::ii, {cutoff, winter_day.value}}, scratch)));
  entries.push_back(storage::copy_words(storage::encode_run_date(
      {winter_day, core::SettlementCode::sf, {cutoff, winter_day.value}}, scratch)));
  core::DefaultShapeRow shape;
  entries.push_back(storage::copy_words(storage::encode_default_shape(shape, scratch)));
  shape.domestic = false;
  entries.push_back(storage::copy_words(storage::encode_default_shape(shape, scratch)));
  std::set<std::string> keys;
  for (const Entry& words : entries) {
    storage::EntryView view(words);
    keys.insert(standing_row_key(read_standing(view.entry().value())));
  }
  EXPECT_EQ(keys.size(), entries.size());
}

// -- with a store -------------------------------------------------------------------------------

class StandingStoreTest : public ::testing::Test {
 protected:
  core::StandingData as_of(storage::BlockNumber block, std::uint32_t index = 0) {
    return load_standing(market_.view(), {block, index}).value();
  }
  core::StandingData takes_as_of(storage::Position position) {
    return load_standing(market_.group_view(), position).value();
  }
  ScratchDirectory dir_;
  Market market_{dir_.path() / "store"};
};

TEST_F(StandingStoreTest, StandingDataIsRebuiltAsOfAnyPosition) {
  market_.take(take_entry(winter_day, 100));
  market_.take(take_entry(winter_day, 200));
  market_.take(take_entry(winter_day, 300));
  EXPECT_EQ(takes_as_of({}).group_take(group_c, winter_day), nullptr);
  EXPECT_EQ(take_of(takes_as_of({1, 0})), 100);
  EXPECT_EQ(take_of(takes_as_of({2, 0})), 200);
  EXPECT_EQ(take_of(takes_as_of({3, 0})), 300);
}

TEST_F(StandingStoreTest, AFactorIsTheOneOfThePositionAskedFor) {
  market_.take(losses_entry(winter_day, 1100));
  market_.take(losses_entry(winter_day, 1200));
  EXPECT_EQ(as_of(1).line_losses(20, llfc_1, winter_day, 1)[0].thousandths, 1100);
  EXPECT_EQ(as_of(2).line_losses(20, llfc_1, winter_day, 1)[0].thousandths, 1200);
  EXPECT_EQ(market_.fold().standing()->line_losses(20, llfc_1, winter_day, 1)[0].thousandths, 1200);
}

TEST_F(StandingStoreTest, PeriodsThatALaterVersionLeavesOutKeepTheirValue) {
  market_.take(take_entry(winter_day, 100));
  storage::EntryScratch scratch;
  storage::GroupTake one{group_c, winter_day, {}};
  one.take.energy_wh[2] = 7;
  one.take.present[2] = true;
  market_.take(storage::copy_words(storage::encode_group_take(one, scratch)));
  const auto data = takes_as_of({2, 0});
  EXPECT_EQ(data.group_take(group_c, winter_day)->energy_wh[1], 100);
  EXPECT_EQ(data.group_take(group_c, winter_day)->energy_wh[2], 7);
}

TEST_F(StandingStoreTest, ARestartKeepsTableAndRepeatDetection) {
  market_.take(standing_entries());
  market_.open();
  EXPECT_EQ(market_.fold().standing_row_count(), 4u);
  EXPECT_EQ(market_.fold().standing()->line_losses(20, llfc_1, winter_day, 1)[0].thousandths, 1100);
  market_.take(standing_entries());
  EXPECT_EQ(market_.fold().standing_unchanged_count(), 4u);
}

TEST_F(StandingStoreTest, ADamagedRowIsAnErrorThatNamesIt) {
  market_.take(standing_entries());
  storage::Commit commit(market_.store());
  const std::string key = "sh" + storage::KeyWriter().day(1).u64(9).str();
  commit.put(storage::Family::actor, key, "12345678");
  ASSERT_TRUE(market_.store().commit(commit, 6));
  const auto data = load_standing(market_.view(), {100, 0});
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().code, storage::Errc::damaged);
  EXPECT_THAT(data.error().text, HasSubstr(storage::printable_key(key)));
}

}  // namespace
}  // namespace hhgrid::actors::market_test
