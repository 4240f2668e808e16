#include "actors/host/fold.hpp"

#include <new>
#include <system_error>

#include <gmock/gmock.h>

#include "core/assertion.hpp"
#include "tests/actors/host/troubled_fold.hpp"

namespace hhgrid::actors::test {
namespace {

/// The days that a block's entries bring.
std::vector<std::int32_t> days_in(const storage::Block& block) {
  std::vector<std::int32_t> days;
  const storage::BlockView view(block);
  for (const auto words : view.entries())
    days.push_back(storage::EntryView(words).entry()->getBankHoliday().getDay());
  return days;
}

TEST_F(FoldTest, ATurnThatFailsLeavesADeadLetterAndTheBlockIsApplied) {
  const auto fold = loaded();
  fold->at_turn = [] { throw TurnFailure("cannot be"); };
  ASSERT_TRUE(fold->apply(block()));
  EXPECT_EQ(fold->block(), 1u);
  EXPECT_EQ(fold->dead_letter_count(), 1u);
}

TEST_F(FoldTest, ALetterDoesNotSayWhereInTheProgramAnInvariantBroke) {
  const auto fold = loaded();
  fold->at_turn = [] { HHGRID_ASSERT(1 > 2, 17); };
  ASSERT_TRUE(fold->apply(block()));
  const auto reason =
      dead_letter_records.get(*store_, dead_letter_key({1, 0}),
                              [](auto letter) -> std::string { return letter.getReason().cStr(); });
  EXPECT_EQ(reason.value(), "the invariant `1 > 2` does not hold with 17");
}

TEST_F(FoldTest, OfTwoReplaysOfALetterInABlockTheSecondGivesNoTurn) {
  const auto fold = loaded();
  fold->at_turn = [] { throw TurnFailure("cannot be"); };
  ASSERT_TRUE(fold->apply(block()));
  int turns = 0;
  fold->at_turn = [&] { ++turns; };
  storage::EntryScratch scratch;
  storage::BlockBuilder replays(core::Instant{1'700'000'000'000}, "test");
  for (int i = 0; i < 2; ++i)
    replays.add(scratch.build([](schema::Entry::Builder entry) {
      entry.initDeadLetterReplay().setPosition(storage::Position(1, 0).number());
    }));
  ASSERT_TRUE(fold->apply({2, replays.finish({sender, 2})}));
  EXPECT_EQ(turns, 1);
  EXPECT_EQ(fold->dead_letter_count(), 0u);
}

TEST_F(FoldTest, AStoreThatCannotBeReadInATurnStopsTheFold) {
  const auto fold = loaded();
  fold->at_turn = [] { throw_read_error({Errc::io, "the disk is gone"}); };
  expect_stopped_without_a_trace(*fold, "the disk is gone");
}

TEST_F(FoldTest, ATableThatCannotBeReadInATurnStopsTheFold) {
  const auto fold = loaded();
  fold->at_turn = [] { throw_read_error({Errc::damaged_table, "block checksum mismatch"}); };
  expect_stopped_without_a_trace(*fold, "block checksum mismatch", Errc::damaged_table);
}

TEST_F(FoldTest, AnEntryOfANewerFormatStopsTheFoldByName) {
  storage::EntryScratch scratch;
  storage::BlockBuilder builder(received, "test");
  builder.add(scratch.build([](schema::Entry::Builder entry) {
    entry.setFormatVersion(schema::ENTRY_FORMAT + 1);
    entry.initBankHoliday();
  }));
  const auto fold = loaded();
  const auto applied = fold->apply({1, builder.finish({sender, 1})});
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::newer_format);
  EXPECT_EQ(loaded()->dead_letter_count(), 0u);
}

TEST_F(FoldTest, ADamagedRecordInATurnStopsTheFold) {
  const auto fold = loaded();
  fold->at_turn = [] { throw_read_error({Errc::damaged, "a bad record"}); };
  expect_stopped_without_a_trace(*fold, "a bad record", Errc::damaged);
}

TEST_F(FoldTest, WhatTheOperatingSystemRefusesInATurnStopsTheFold) {
  const auto fold = loaded();
  fold->at_turn = [] {
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
  };
  expect_stopped_without_a_trace(*fold, "temporarily unavailable");
}

TEST_F(FoldTest, MemoryThatIsNotThereInATurnStopsTheFold) {
  const auto fold = loaded();
  fold->at_turn = [] { throw std::bad_alloc(); };
  expect_stopped_without_a_trace(*fold, "no memory left");
}

TEST_F(FoldTest, AStoreThatCannotBeReadWhileAFailedTurnIsMarkedStopsTheFold) {
  const auto fold = loaded();
  fold->at_turn = [] { throw TurnFailure("cannot be"); };
  fold->at_failed_turn = [] { throw_read_error({Errc::io, "the disk is gone"}); };
  expect_stopped_without_a_trace(*fold, "the disk is gone");
}

// -- senders --------------------------------------------------------------------------------------

TEST_F(FoldTest, ASendersBlocksAreTakenOnceAndInOrderWhateverTheJournalHolds) {
  auto fold = loaded();
  storage::BlockNumber number = 0;
  // Early, repeated, early again, and another sender in between.
  for (const auto& [from, n] : std::vector<std::pair<storage::SenderId, std::uint64_t>>{{sender, 2},
                                                                                        {sender, 1},
                                                                                        {sender, 1},
                                                                                        {other, 1},
                                                                                        {sender, 3},
                                                                                        {sender, 2},
                                                                                        {sender, 3},
                                                                                        {sender, 2},
                                                                                        {other, 2}})
    ASSERT_TRUE(
        fold->apply(block(++number, {from, n}, {static_cast<std::int32_t>(from.low * 100 + n)})));
  EXPECT_THAT(fold->days, testing::ElementsAre(101, 201, 102, 103, 202));
  EXPECT_EQ(fold->dropped().repeated, 2u);
  EXPECT_EQ(fold->dropped().early, 2u);
  EXPECT_EQ(fold->block(), number) << "what is dropped has been read all the same";
  fold = loaded();
  EXPECT_EQ(fold->dropped().repeated, 2u);
  EXPECT_EQ(fold->dropped().early, 2u);
}

TEST_F(FoldTest, ASenderIsRememberedOverARestart) {
  ASSERT_TRUE(loaded()->apply(block(1, {sender, 1}, {1})));
  const auto fold = loaded();
  ASSERT_TRUE(fold->apply(block(2, {sender, 1}, {1})));
  ASSERT_TRUE(fold->apply(block(3, {sender, 2}, {2})));
  EXPECT_THAT(fold->days, testing::ElementsAre(1, 2));
}

TEST_F(FoldTest, ASenderThatHasEndedIsForgotten) {
  const auto marks = [&] {
    int count = 0;
    EXPECT_TRUE(
        store_->scan_prefix(storage::Family::meta, "s", [&](auto, auto) { return ++count > 0; }));
    return count;
  };
  const auto fold = loaded();
  ASSERT_TRUE(fold->apply(block(1, {sender, 1}, {1})));
  EXPECT_EQ(marks(), 1);
  ASSERT_TRUE(fold->apply(block(2, {sender, 2}, {}, true)));
  ASSERT_TRUE(fold->apply(block(3, {other, 1}, {2}, true)));
  EXPECT_EQ(marks(), 0);
  EXPECT_THAT(fold->days, testing::ElementsAre(1, 2));
}

TEST_F(FoldTest, ATurnKnowsWhoSentItsBlock) {
  const auto fold = loaded();
  ASSERT_TRUE(fold->apply(block(1, {other, 1}, {1, 2})));
  EXPECT_EQ(fold->last.sender, other);
  EXPECT_EQ(fold->last.position, storage::Position(1, 1));
  EXPECT_EQ(fold->last.received_at, received);
}

// -- turns that stop half-way
// -----------------------------------------------------------------------

TEST_F(FoldTest, AFailedTurnInABlockOfSeveralMessagesIsUndoneBeforeTheNext) {
  const auto fold = loaded();
  ASSERT_TRUE(fold->apply(block(1, {sender, 1}, {1})));
  fold->stops_half_way = true;
  fold->after_change = [](std::int32_t day) {
    if (day == 3 || day == 5) throw std::logic_error("half-way");
  };
  ASSERT_TRUE(fold->apply(block(2, {sender, 2}, {2, 3, 4, 5, 6})));
  EXPECT_THAT(fold->days, testing::ElementsAre(1, 2, 4, 6));
  EXPECT_EQ(fold->dead_letter_count(), 2u);
  const auto sent = fold->take_outbox();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_THAT(days_in(sent[1].block), testing::ElementsAre(2, 4, 6));
  const auto after_restart = loaded();
  EXPECT_THAT(after_restart->days, testing::ElementsAre(1, 2, 4, 6));
  EXPECT_EQ(after_restart->dead_letter_count(), 2u);
}

// -- what leaves
// ------------------------------------------------------------------------------------

TEST_F(FoldTest, WhatABlockCausesForOneDestinationLeavesInOneBlockWithTheNextN) {
  const auto fold = loaded();
  ASSERT_TRUE(fold->apply(block(1, {sender, 1}, {1, 2, 3})));
  ASSERT_TRUE(fold->apply(block(2, {sender, 2}, {4})));
  const auto sent = fold->take_outbox();
  ASSERT_EQ(sent.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(sent[i].destination, 1);
    EXPECT_EQ(sent[i].n, i + 1);
    const storage::BlockView view(sent[i].block);
    EXPECT_EQ(view.id(), (storage::BlockId{storage::SenderId::of_partition(0), i + 1}));
    EXPECT_EQ(view.received_at(), received);
  }
  EXPECT_THAT(days_in(sent[0].block), testing::ElementsAre(1, 2, 3));
}

TEST_F(FoldTest, WhatIsNotDeliveredComesAgainWithTheSameBytesAndNumbersGoOn) {
  std::vector<OutboxBlock> sent;
  {
    const auto fold = loaded();
    for (std::uint64_t n = 1; n <= 3; ++n)
      ASSERT_TRUE(fold->apply(block(n, {sender, n}, {static_cast<std::int32_t>(n)})));
    sent = fold->take_outbox();
    fold->delivered(1, 1);
    ASSERT_TRUE(fold->apply(block(4, {sender, 4}, {4})));
  }
  const auto fold = loaded();
  const auto again = fold->take_outbox();
  ASSERT_EQ(again.size(), 3u);
  EXPECT_EQ(again[0].n, 2u);
  EXPECT_EQ(again[0].block.words->asBytes(), sent[1].block.words->asBytes());
  for (std::uint64_t n = 2; n <= 4; ++n) fold->delivered(1, n);
  ASSERT_TRUE(fold->apply(block(5, {sender, 5}, {5})));
  EXPECT_EQ(loaded()->take_outbox().front().n, 5u) << "also when all before was delivered";
}

TEST_F(FoldTest, WhatWasDeliveredIsForgottenAtTheEndWithoutAnotherBlock) {
  {
    const auto fold = loaded();
    ASSERT_TRUE(fold->apply(block(1, {sender, 1}, {1})));
    ASSERT_TRUE(fold->apply(block(2, {sender, 2}, {2})));
    fold->delivered(1, 1);
    ASSERT_TRUE(fold->forget_delivered());
    EXPECT_EQ(fold->block(), 2u);
  }
  const auto again = loaded()->take_outbox();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].n, 2u);
}

TEST_F(FoldTest, TheSameEntriesGiveTheSameBlocksAfterACrash) {
  const auto blocks_of = [&](TroubledFold& fold) {
    EXPECT_TRUE(fold.apply(block(1, {sender, 1}, {1, 2})));
    return fold.take_outbox();
  };
  const auto first = blocks_of(*loaded());
  store_.reset();
  ScratchDirectory elsewhere;
  storage::StoreOptions options;
  options.path = elsewhere.path();
  store_ = std::move(storage::Store::open(options)).value();
  const auto second = blocks_of(*loaded());
  ASSERT_EQ(first.size(), 1u);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(first[0].block.words->asBytes(), second[0].block.words->asBytes());
  store_.reset();
}

TEST_F(FoldTest, MemoryThatIsNotThereWhileAFailedTurnIsMarkedStopsTheFold) {
  const auto fold = loaded();
  fold->at_turn = [] { throw TurnFailure("cannot be"); };
  fold->at_failed_turn = [] { throw std::bad_alloc(); };
  expect_stopped_without_a_trace(*fold, "no memory left");
}

}  // namespace
}  // namespace hhgrid::actors::test
