#include "actors/host/courier.hpp"

#include <gmock/gmock.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include "storage/wire/entry_codec.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::BatchId;
using storage::Error;
using storage::PartitionId;
using storage::Position;

/// Takes note of what it is given, and refuses as often as told before.
class RefusingJournal final : public storage::Journal {
 public:
  explicit RefusingJournal(int refusals) : refusals_(refusals) {}

  tl::expected<std::vector<Position>, Error> append_all(
      std::span<const std::pair<PartitionId, storage::Block>> blocks) override {
    ++asked;
    if (refusals_-- > 0) return tl::unexpected(Error{storage::Errc::no_space, "the disk is full"});
    for (const auto& [destination, block] : blocks) taken.emplace_back(destination, block.batch_id);
    return std::vector<Position>(blocks.size());
  }
  tl::expected<Position, Error> append(PartitionId, storage::Block) override { throw unasked(); }
  tl::expected<std::vector<storage::JournalBlock>, Error> read(PartitionId, Position,
                                                               std::size_t) override {
    throw unasked();
  }
  Position end(PartitionId) const override { throw unasked(); }
  void subscribe(PartitionId, Sink) override { throw unasked(); }
  void unsubscribe(PartitionId) override { throw unasked(); }
  void release(PartitionId, Position) override { throw unasked(); }

  std::vector<std::pair<PartitionId, BatchId>> taken;
  int asked = 0;

 private:
  static std::logic_error unasked() { return std::logic_error("a courier only appends"); }
  int refusals_;
};

constexpr PartitionId market = 2;

OutboxMessage message_at(Position position) {
  OutboxMessage message;
  message.position = position;
  message.destination = market;
  message.entry = std::make_shared<const Entry>(bank_holiday_entry(16'000));
  return message;
}

class CourierTest : public testing::Test {
 protected:
  /// Everything that the journal holds once so many messages have been told to be delivered.
  std::vector<std::pair<PartitionId, BatchId>> carried(RefusingJournal& journal,
                                                       std::size_t messages,
                                                       const std::function<void()>& send) {
    courier_ = self_->spawn(courier_actor, &journal, [this](std::optional<Error> trouble) {
      troubles_.push_back(trouble ? trouble->text : "goes on");
    });
    send();
    for (std::size_t told = 0; told < messages; ++told)
      self_->receive([this](delivered_atom, Position position,
                            std::uint32_t n) { delivered_.emplace_back(position, n); },
                     caf::after(std::chrono::seconds(20)) >> [] { FAIL() << "not delivered"; });
    self_->send_exit(courier_, caf::exit_reason::user_shutdown);
    self_->wait_for(courier_);
    return journal.taken;
  }
  Parcel parcel(PartitionId sender, const std::vector<Position>& positions) {
    Parcel parcel{sender, caf::actor_cast<caf::actor>(self_), {}};
    for (const auto position : positions) parcel.messages.push_back(message_at(position));
    return parcel;
  }
  static std::pair<PartitionId, BatchId> expected(PartitionId sender, Position position) {
    return {market, outbox_batch_id(sender, message_at(position))};
  }

  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_{system_};
  caf::actor courier_;
  std::vector<std::string> troubles_;
  std::vector<std::pair<Position, std::uint32_t>> delivered_;
};

// A receiver takes what is behind a sender's mark for a repeat, so nothing may overtake.
TEST_F(CourierTest, OldMessagesOfAllSendersGoBeforeNewOnesAlsoWhileTheJournalRefuses) {
  RefusingJournal journal(2);
  const auto taken = carried(journal, 5, [&] {
    OldParcels old;
    old.parcels.push_back(parcel(0, {4, 5}));
    old.parcels.push_back(parcel(1, {9}));
    self_->send(courier_, std::move(old));
    self_->send(courier_, parcel(1, {10}));
    self_->send(courier_, parcel(0, {6}));
  });
  EXPECT_THAT(taken, testing::ElementsAre(expected(0, 4), expected(0, 5), expected(1, 9),
                                          expected(1, 10), expected(0, 6)));
  using Told = std::pair<Position, std::uint32_t>;
  EXPECT_THAT(delivered_,
              testing::ElementsAre(Told{4, 0}, Told{5, 0}, Told{9, 0}, Told{10, 0}, Told{6, 0}));
  EXPECT_THAT(troubles_, testing::ElementsAre("the disk is full", "the disk is full", "goes on"));
}

}  // namespace
}  // namespace hhgrid::actors::test
