#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/store/key.hpp"
#include "storage/wire/block_builder.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {

using storage::Errc;

/// A fold whose state is what it has been given, in memory and in the store; its turns and its
/// marking of failed turns go wrong as told.
class TroubledFold : public Fold {
 public:
  explicit TroubledFold(storage::Store& store) : Fold({0, storage::Topology(1), {}}, store) {}
  std::function<void()> at_turn = [] {}, at_failed_turn = [] {};
  /// Told the entry's day: after the state has changed, and a message has been sent.
  std::function<void(std::int32_t)> after_change = [](std::int32_t) {};
  bool stops_half_way = false;
  std::vector<std::int32_t> days;  ///< Of the entries taken.
  TurnContext last;

 private:
  tl::expected<void, storage::Error> load_state() override {
    return store().scan_prefix(storage::Family::actor, {}, [&](auto key, auto) {
      storage::KeyReader reader(key.substr(sizeof(storage::Position)));
      days.push_back(reader.day());
      return true;
    });
  }
  void turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word>,
            const TurnContext& context) override {
    if (entry.isDeadLetterReplay())
      return replay_dead_letter(
          storage::Position::from_number(entry.getDeadLetterReplay().getPosition()), context);
    at_turn();
    last = context;
    const std::int32_t day = entry.getBankHoliday().getDay();
    days.push_back(day);
    added_.emplace_back(context.position, day);
    capnp::MallocMessageBuilder message;
    message.setRoot(entry);
    send(1, message);
    after_change(day);
  }
  core::RuleSet newest_rule_set() const override { return core::first_rule_set + 1; }
  bool may_stop_half_way(const schema::Entry::Reader&) const override { return stops_half_way; }
  void forget_state() override {
    days.clear();
    added_.clear();
  }
  std::string address_of(const schema::Entry::Reader&) const override { return "nobody"; }
  void turn_failed(const schema::Entry::Reader&, const TurnContext&) override { at_failed_turn(); }
  void turn_replayed(const schema::Entry::Reader&) override {}
  void write_state(storage::Commit& commit) override {
    for (const auto& [position, day] : added_)
      commit.put(storage::Family::actor, storage::KeyWriter().position(position).day(day), "");
    added_.clear();
  }

  std::vector<std::pair<storage::Position, std::int32_t>> added_;  // by this block
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
  static storage::JournalBlock block() { return block(1, {sender, 1}, {16'000}); }
  static storage::JournalBlock block(storage::BlockNumber number, const storage::BlockId& id,
                                     const std::vector<std::int32_t>& days,
                                     bool ends_sender = false) {
    storage::BlockBuilder builder(received, "test");
    for (const auto day : days) builder.add(bank_holiday_entry(day));
    return {number, builder.finish(id, ends_sender), number * 11};
  }
  static constexpr storage::SenderId sender{1, 1}, other{1, 2};
  static constexpr core::Instant received{1'700'000'000'000};

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
    EXPECT_EQ(after_restart->block(), 0u);
    ASSERT_TRUE(after_restart->apply(block()));
    EXPECT_EQ(after_restart->block(), 1u);
    EXPECT_EQ(after_restart->dead_letter_count(), 0u);
  }

  ScratchDirectory directory_;
  std::unique_ptr<storage::Store> store_;
};

}  // namespace hhgrid::actors::test
