#include "actors/host/fold.hpp"

#include <new>

#include <gmock/gmock.h>

#include "storage/wire/block_builder.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Errc;

/// A fold without state, whose turns and whose marking of failed turns go wrong as told.
class TroubledFold : public Fold {
 public:
  explicit TroubledFold(storage::Store& store) : Fold({0, storage::Topology(1), {}}, store) {}
  std::function<void()> at_turn = [] {}, at_failed_turn = [] {};

 private:
  tl::expected<void, storage::Error> load_state() override { return {}; }
  void turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word>,
            const TurnContext& context) override {
    if (entry.isDeadLetterReplay())
      return replay_dead_letter(entry.getDeadLetterReplay().getPosition(), context);
    at_turn();
  }
  std::string address_of(const schema::Entry::Reader&) const override { return "nobody"; }
  void turn_failed(const schema::Entry::Reader&, const TurnContext&) override { at_failed_turn(); }
  void turn_replayed(const schema::Entry::Reader&) override {}
  void write_state(storage::Commit&) override {}
};

class FoldTest : public testing::Test {
 protected:
  FoldTest() {
    storage::StoreOptions options;
    options.path = directory_.path();
    store_ = std::move(storage::Store::open(options)).value();
  }
  /// A fold as it is after a restart.
  std::unique_ptr<TroubledFold> loaded() {
    auto fold = std::make_unique<TroubledFold>(*store_);
    EXPECT_TRUE(fold->load());
    return fold;
  }
  static storage::JournalBlock block() {
    storage::BlockBuilder builder(core::Instant{1'700'000'000'000}, "test");
    builder.add(bank_holiday_entry(16'000));
    return {1, builder.finish({1, 2})};
  }

  /// Whatever is not the entry's fault stops the fold and leaves nothing in the store, so that the
  /// block is taken again, as a whole, once the trouble is over.
  void expect_stopped_without_a_trace(TroubledFold& fold, std::string_view cause,
                                      Errc code = Errc::io) {
    const auto applied = fold.apply(block());
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().code, code);
    EXPECT_THAT(applied.error().text, testing::HasSubstr(cause));
    EXPECT_FALSE(fold.awaits_commit());
    const auto after_restart = loaded();
    EXPECT_EQ(after_restart->position(), 0u);
    ASSERT_TRUE(after_restart->apply(block()));
    EXPECT_EQ(after_restart->position(), 1u);
    EXPECT_EQ(after_restart->dead_letter_count(), 0u);
  }

  ScratchDirectory directory_;
  std::unique_ptr<storage::Store> store_;
};

TEST_F(FoldTest, ATurnThatFailsLeavesADeadLetterAndTheBlockIsApplied) {
  const auto fold = loaded();
  fold->at_turn = [] { throw TurnFailure("cannot be"); };
  ASSERT_TRUE(fold->apply(block()));
  EXPECT_EQ(fold->position(), 1u);
  EXPECT_EQ(fold->dead_letter_count(), 1u);
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
    replays.add(scratch.build(
        [](schema::Entry::Builder entry) { entry.initDeadLetterReplay().setPosition(1); }));
  ASSERT_TRUE(fold->apply({2, replays.finish({1, 3})}));
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

TEST_F(FoldTest, ADamagedRecordInATurnFailsThatTurnAlone) {
  const auto fold = loaded();
  fold->at_turn = [] { throw_read_error({Errc::damaged, "a bad record"}); };
  ASSERT_TRUE(fold->apply(block()));
  EXPECT_EQ(fold->dead_letter_count(), 1u);
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

TEST_F(FoldTest, MemoryThatIsNotThereWhileAFailedTurnIsMarkedStopsTheFold) {
  const auto fold = loaded();
  fold->at_turn = [] { throw TurnFailure("cannot be"); };
  fold->at_failed_turn = [] { throw std::bad_alloc(); };
  expect_stopped_without_a_trace(*fold, "no memory left");
}

}  // namespace
}  // namespace hhgrid::actors::test
