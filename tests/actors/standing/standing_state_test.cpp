#include "actors/standing/standing_state.hpp"
#include "actors/host/repeat.hpp"

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
  // Every entry is a delivery of its own.
  const StandingPorts ports{.delivery_began = block, .of_delivery = {}, .records = {}};
  state.turn(view.entry().value(), words, {{block, 0}, {}, {}}, ports, effects);
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
  const auto effects = give(state, take_entry(winter_day, 5), 2);
  EXPECT_TRUE(effects.unchanged);
  ASSERT_EQ(effects.writes.size(), 1u) << "a trace of it";
  EXPECT_TRUE(effects.writes[0].key.starts_with(repeat_records.tag()));
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

// -- what one delivery says differently -----------------------------------------------------------

class ContradictedStandingTest : public StandingStoreTest {
 protected:
  /// One delivery, a block an entry.
  void deliver(const std::string& source, const std::vector<Entry>& entries) {
    market_.source = source;
    for (const Entry& one : entries) market_.take(one);
  }
  static Entry take_of_period(std::size_t i, core::WattHours energy_wh) {
    storage::EntryScratch scratch;
    storage::GroupTake one{group_c, winter_day, {}};
    one.take.energy_wh[i] = energy_wh;
    one.take.present[i] = true;
    return storage::copy_words(storage::encode_group_take(one, scratch));
  }
  /// What counts of a period now: read from the store, and nothing when there is no take.
  std::optional<core::WattHours> now(std::size_t i = 0) {
    const auto data = takes_as_of(storage::Position::greatest());
    const auto* take = data.group_take(group_c, winter_day);
    return take && take->present[i] ? std::optional(take->energy_wh[i]) : std::nullopt;
  }
  std::uint64_t refused() {
    return static_cast<GspFold&>(market_.group_fold()).takes_refused_count();
  }
  std::uint64_t unchanged() {
    return static_cast<GspFold&>(market_.group_fold()).takes_unchanged_count();
  }
};

template <class... Entries>
std::vector<Entry> list(Entries&&... entries) {
  std::vector<Entry> all;
  (all.push_back(std::forward<Entries>(entries)), ...);
  return all;
}

TEST_F(ContradictedStandingTest, NeitherTakeCountsAndWhatWasSaidBeforeDoesAgain) {
  deliver("before", list(take_entry(winter_day, 50)));
  deliver("file", list(take_entry(winter_day, 100), take_entry(winter_day + 1, 1),
                       take_entry(winter_day, 200)));
  EXPECT_EQ(now(), 50);
  EXPECT_EQ(refused(), 96u);
  EXPECT_EQ(take_of(takes_as_of({1, 0})), 50);
  EXPECT_EQ(take_of(takes_as_of({2, 0})), 100);
  EXPECT_EQ(take_of(takes_as_of({3, 0})), 100);
  EXPECT_EQ(take_of(takes_as_of({4, 0})), 50);
}

TEST_F(ContradictedStandingTest, WithoutAnEarlierOneThereIsNoTake) {
  deliver("file", list(take_entry(winter_day, 100), take_entry(winter_day, 200)));
  EXPECT_EQ(now(), std::nullopt);
}

TEST_F(ContradictedStandingTest, AThirdIsUnchangedWhenItRepeatsOneAndRefusedWhenNot) {
  deliver("before", list(take_entry(winter_day, 50)));
  deliver("file", list(take_entry(winter_day, 100), take_entry(winter_day, 200),
                       take_entry(winter_day, 100)));
  EXPECT_EQ(refused(), 96u);
  EXPECT_EQ(unchanged(), 1u);
  deliver("file", list(take_entry(winter_day, 50)));  // what counts, but not of this delivery
  EXPECT_EQ(refused(), 144u);
  EXPECT_EQ(now(), 50);
}

TEST_F(ContradictedStandingTest, ALaterDeliveryCounts) {
  deliver("file", list(take_entry(winter_day, 100), take_entry(winter_day, 200)));
  deliver("later", list(take_entry(winter_day, 200)));
  EXPECT_EQ(now(), 200);
  EXPECT_EQ(unchanged(), 0u);
  deliver("again", list(take_entry(winter_day, 200)));
  EXPECT_EQ(unchanged(), 1u);
}

TEST_F(ContradictedStandingTest, OnlyThePeriodsThatDifferAreRefused) {
  deliver("before", list(take_entry(winter_day, 50)));
  deliver("file", list(take_of_period(1, 7), take_of_period(2, 7), take_of_period(1, 8)));
  EXPECT_EQ(refused(), 2u);
  EXPECT_EQ(now(1), 50);
  EXPECT_EQ(now(2), 7);
  deliver("file", list(take_entry(winter_day, 7)));
  EXPECT_EQ(refused(), 3u);
  EXPECT_EQ(now(0), 7);
  EXPECT_EQ(now(1), 50);
}

TEST_F(ContradictedStandingTest, DeliveriesThatLieInEachOtherAreToldApart) {
  deliver("one", list(take_entry(winter_day, 100)));
  deliver("other", list(take_entry(winter_day, 200)));
  deliver("one", list(take_entry(winter_day, 200)));
  EXPECT_EQ(refused(), 96u);
  EXPECT_EQ(now(), 200);
  deliver("other", list(take_entry(winter_day, 200)));
  EXPECT_EQ(refused(), 96u);
  EXPECT_EQ(now(), 200);
}

TEST_F(ContradictedStandingTest, ARepeatIsRefusedWithWhatItsDeliverySaysElse) {
  deliver("before", list(take_entry(winter_day, 50)));
  deliver("file", list(take_entry(winter_day, 50)));
  EXPECT_EQ(unchanged(), 1u);
  market_.open();
  deliver("file", list(take_entry(winter_day + 1, 1), take_entry(winter_day, 200)));
  EXPECT_EQ(refused(), 96u);
  EXPECT_EQ(now(), 50);
  deliver("file", list(take_entry(winter_day, 50), take_of_period(1, 7)));
  EXPECT_EQ(refused(), 97u);
  EXPECT_EQ(now(1), 50);
}

TEST_F(ContradictedStandingTest, ARepeatCountsWhenWhatItRepeatsIsContradicted) {
  deliver("before", list(take_entry(winter_day, 50)));
  deliver("one", list(take_entry(winter_day, 100)));
  deliver("other", list(take_entry(winter_day, 100)));
  deliver("one", list(take_of_period(1, 7)));
  EXPECT_EQ(refused(), 2u);
  EXPECT_EQ(now(0), 100);
  EXPECT_EQ(now(1), 100);
  EXPECT_EQ(take_of(takes_as_of({4, 0})), 100);
  market_.open();
  EXPECT_EQ(now(1), 100);
}

TEST_F(ContradictedStandingTest, WithinABlockARepeatIsRefusedToo) {
  deliver("before", list(take_entry(winter_day, 50)));
  market_.source = "file";
  market_.take(list(take_entry(winter_day, 50), take_entry(winter_day, 200)));
  EXPECT_EQ(now(), 50);
  EXPECT_EQ(refused(), 96u);
}

TEST_F(ContradictedStandingTest, ARepeatedLineLossIsRefusedWithWhatItsFileSaysElse) {
  const auto factor = [](const core::StandingData& data) {
    return data.line_losses(20, llfc_1, winter_day, 1)[0].thousandths;
  };
  deliver("before", list(losses_entry(winter_day, 1100)));
  deliver("file", list(losses_entry(winter_day, 1100)));
  market_.open();
  deliver("file", list(losses_entry(winter_day, 1300)));
  EXPECT_EQ(market_.fold().standing_refused_count(), 96u);
  EXPECT_EQ(factor(*market_.fold().standing()), 1100);
}

TEST_F(ContradictedStandingTest, WithinABlockItIsTheSame) {
  market_.take(take_entry(winter_day, 50));
  market_.take(list(take_entry(winter_day, 100), take_entry(winter_day + 1, 1),
                    take_entry(winter_day, 200), take_entry(winter_day, 200)));
  EXPECT_EQ(now(), 50);
  EXPECT_EQ(refused(), 96u);
  EXPECT_EQ(unchanged(), 1u);
}

TEST_F(ContradictedStandingTest, ARestartInBetweenChangesNothing) {
  deliver("before", list(take_entry(winter_day, 50)));
  deliver("file", list(take_entry(winter_day, 100)));
  market_.open();
  deliver("file", list(take_entry(winter_day, 200)));
  market_.open();
  deliver("file", list(take_entry(winter_day, 300), take_entry(winter_day, 100)));
  EXPECT_EQ(now(), 50);
  EXPECT_EQ(refused(), 48u);
  EXPECT_EQ(unchanged(), 1u);
}

TEST_F(ContradictedStandingTest, OfLineLossesTheTableIsWhatTheStoreGives) {
  const auto factor = [](const core::StandingData& data) {
    return data.line_losses(20, llfc_1, winter_day, 1)[0].thousandths;
  };
  deliver("before", list(losses_entry(winter_day, 1100)));
  deliver("file", list(losses_entry(winter_day, 1200), losses_entry(winter_day + 1, 1200),
                       losses_entry(winter_day, 1300)));
  EXPECT_EQ(market_.fold().standing_refused_count(), 96u);
  EXPECT_EQ(factor(*market_.fold().standing()), 1100);
  EXPECT_EQ(factor(as_of(100)), 1100);
  EXPECT_EQ(factor(as_of(2)), 1200);
  market_.open();
  EXPECT_EQ(factor(*market_.fold().standing()), 1100);
}

TEST_F(ContradictedStandingTest, OfRowsWithoutPeriodsTheWholeIsRefused) {
  storage::EntryScratch scratch;
  const auto date = [&](std::int64_t at) {
    return storage::copy_words(storage::encode_run_date(
        {winter_day, core::SettlementCode::ii, {core::Instant{at}, winter_day.value}}, scratch));
  };
  const auto cutoff_of = [](const core::StandingData& data) {
    const auto found = data.run_date(winter_day, core::SettlementCode::ii);
    return found ? found->cutoff.milliseconds : 0;
  };
  deliver("file", list(date(1), date(2)));
  EXPECT_EQ(cutoff_of(*market_.fold().standing()), 0);
  deliver("later", list(date(3)));
  deliver("last", list(date(4), date(5)));
  EXPECT_EQ(cutoff_of(*market_.fold().standing()), 3);
  EXPECT_EQ(cutoff_of(as_of(100)), 3);
  EXPECT_EQ(market_.fold().standing_refused_count(), 4u);
}

TEST_F(ContradictedStandingTest, ARunBeforeTheContradictionKeepsWhatCountedThen) {
  deliver("file", list(losses_entry(winter_day, 1200)));
  market_.take(run_request(winter_day));
  const auto position = market_.run(1).standing_position;
  deliver("file", list(losses_entry(winter_day, 1300)));
  const auto then = load_standing(market_.view(), position).value();
  EXPECT_EQ(then.line_losses(20, llfc_1, winter_day, 1)[0].thousandths, 1200);
  EXPECT_EQ(as_of(100).line_losses(20, llfc_1, winter_day, 1)[0].thousandths, 1000);
}

}  // namespace
}  // namespace hhgrid::actors::market_test
