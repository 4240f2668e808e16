#include "actors/host/courier.hpp"

#include <gmock/gmock.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include "storage/wire/block_builder.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::BlockId;
using storage::BlockNumber;
using storage::Error;
using storage::PartitionId;

/// Takes note of what it is given, and refuses as often as told before.
class RefusingJournal final : public storage::Journal {
 public:
  explicit RefusingJournal(int refusals) : refusals_(refusals) {}

  tl::expected<std::vector<BlockNumber>, Error> append_all(
      std::span<const std::pair<PartitionId, storage::Block>> blocks) override {
    ++asked;
    if (refusals_-- > 0) return tl::unexpected(Error{storage::Errc::no_space, "the disk is full"});
    for (const auto& [destination, block] : blocks)
      taken.emplace_back(destination, storage::BlockView(block).id());
    return std::vector<BlockNumber>(blocks.size());
  }
  tl::expected<BlockNumber, Error> append(PartitionId, storage::Block) override { throw unasked(); }
  tl::expected<std::vector<storage::JournalBlock>, Error> read(PartitionId, BlockNumber,
                                                               std::size_t) override {
    throw unasked();
  }
  BlockNumber end(PartitionId) const override { throw unasked(); }
  storage::JournalId identity() const override { throw unasked(); }
  bool delivers_once() const override { throw unasked(); }
  bool append_async(PartitionId, storage::Block, Done) override { throw unasked(); }
  tl::expected<std::uint64_t, Error> digest(PartitionId, BlockNumber) const override {
    throw unasked();
  }
  tl::expected<void, Error> subscribe(PartitionId, BlockNumber, Sink) override { throw unasked(); }
  void unsubscribe(PartitionId) override { throw unasked(); }
  void release(PartitionId, BlockNumber) override { throw unasked(); }

  std::vector<std::pair<PartitionId, BlockId>> taken;
  int asked = 0;

 private:
  static std::logic_error unasked() { return std::logic_error("a courier only appends"); }
  int refusals_;
};

constexpr PartitionId market = 2;

OutboxBlock block_of(PartitionId sender, std::uint64_t n) {
  storage::BlockBuilder builder({}, "test");
  builder.add(bank_holiday_entry(16'000));
  return {market, n, builder.finish(BlockId{storage::SenderId::of_partition(sender), n})};
}

class CourierTest : public testing::Test {
 protected:
  /// Everything that the journal holds once so many blocks have been told to be delivered.
  std::vector<std::pair<PartitionId, BlockId>> carried(RefusingJournal& journal, std::size_t blocks,
                                                       const std::function<void()>& send) {
    courier_ = self_->spawn(courier_actor, &journal, [this](std::optional<Error> trouble) {
      troubles_.push_back(trouble ? trouble->text : "goes on");
    });
    send();
    for (std::size_t told = 0; told < blocks; ++told)
      self_->receive([this](delivered_atom, PartitionId destination,
                            std::uint64_t n) { delivered_.emplace_back(destination, n); },
                     caf::after(std::chrono::seconds(20)) >> [] { FAIL() << "not delivered"; });
    self_->send_exit(courier_, caf::exit_reason::user_shutdown);
    self_->wait_for(courier_);
    return journal.taken;
  }
  SentBlocks blocks_of(PartitionId sender, const std::vector<std::uint64_t>& numbers) {
    SentBlocks sent{sender, caf::actor_cast<caf::actor>(self_), {}};
    for (const auto n : numbers) sent.blocks.push_back(block_of(sender, n));
    return sent;
  }
  static std::pair<PartitionId, BlockId> expected(PartitionId sender, std::uint64_t n) {
    return {market, {storage::SenderId::of_partition(sender), n}};
  }

  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_{system_};
  caf::actor courier_;
  std::vector<std::string> troubles_;
  std::vector<std::pair<PartitionId, std::uint64_t>> delivered_;
};

// A receiver drops what comes before its turn, so nothing may overtake.
TEST_F(CourierTest, OldBlocksOfAllSendersGoBeforeNewOnesAlsoWhileTheJournalRefuses) {
  RefusingJournal journal(2);
  const auto taken = carried(journal, 5, [&] {
    UndeliveredBlocks old;
    old.senders.push_back(blocks_of(0, {4, 5}));
    old.senders.push_back(blocks_of(1, {9}));
    self_->send(courier_, std::move(old));
    self_->send(courier_, blocks_of(1, {10}));
    self_->send(courier_, blocks_of(0, {6}));
  });
  EXPECT_THAT(taken, testing::ElementsAre(expected(0, 4), expected(0, 5), expected(1, 9),
                                          expected(1, 10), expected(0, 6)));
  using Told = std::pair<PartitionId, std::uint64_t>;
  EXPECT_THAT(delivered_, testing::ElementsAre(Told{market, 4}, Told{market, 5}, Told{market, 9},
                                               Told{market, 10}, Told{market, 6}));
  EXPECT_THAT(troubles_, testing::ElementsAre("the disk is full", "the disk is full", "goes on"));
}

}  // namespace
}  // namespace hhgrid::actors::test
