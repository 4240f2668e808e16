#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include "tests/storage/journal/journal_contract.hpp"

namespace hhgrid::storage::test {

/// The part of the contract that is about subscribers and concurrent appenders; see JournalContract
/// for `Home`.
template <class Home>
class JournalDeliveryContract : public JournalContract<Home> {};

/// Collects what a subscription brings; a home may deliver after append returns.
class Collector {
 public:
  Journal::Sink sink() {
    return [this](JournalBlock block) {
      std::lock_guard lock(mutex_);
      blocks_.push_back(std::move(block));
    };
  }
  std::vector<JournalBlock> wait_for(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
      if (auto blocks = now(); blocks.size() >= count) return blocks;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ADD_FAILURE() << "only " << now().size() << " of " << count << " blocks came";
    return now();
  }
  std::vector<JournalBlock> now() {
    std::lock_guard lock(mutex_);
    return blocks_;
  }

 private:
  std::mutex mutex_;
  std::vector<JournalBlock> blocks_;
};

TYPED_TEST_SUITE_P(JournalDeliveryContract);

// -- subscribers ---------------------------------------------------------------------------------

TYPED_TEST_P(JournalDeliveryContract, ASubscriberSeesItsPartitionsBlocksInOrder) {
  Collector collector;
  value_of(this->journal().subscribe(0, 1, collector.sink()));
  auto appended = this->append_some(0, 10);
  this->append_some(1, 5);
  appended.push_back(make_block(11));
  this->append(0, appended.back());
  const auto seen = collector.wait_for(this->journal().end(0));
  expect_contiguous(seen);
  const auto blocks = taken_of(seen);
  ASSERT_EQ(blocks.size(), 11u);
  for (std::size_t i = 0; i < 11; ++i) {
    EXPECT_TRUE(same_block(blocks[i].block, appended[i]));
    EXPECT_EQ(blocks[i].digest, value_of(this->journal().digest(0, blocks[i].number)));
  }
  this->journal().unsubscribe(0);
}

TYPED_TEST_P(JournalDeliveryContract, ASubscriberSeesABlockOnlyWhenItIsDurable) {
  std::atomic<int> seen{0}, early{0};
  value_of(this->journal().subscribe(0, 1, [&](const JournalBlock& block) {
    if (this->journal().end(0) < block.number) ++early;
    if (this->read(0, block.number, 1).empty()) ++early;
    ++seen;
  }));
  this->append_some(0, 10);
  while (seen < 10) std::this_thread::yield();
  this->journal().unsubscribe(0);
  EXPECT_EQ(early, 0);
}

TYPED_TEST_P(JournalDeliveryContract, ASubscriberIsGivenWhatIsThereAlreadyFromWhereItSays) {
  this->append_some(0, 20);
  this->reopen();
  const BlockNumber end = this->journal().end(0);
  for (const BlockNumber from : {BlockNumber{1}, BlockNumber{7}, end + 1}) {
    Collector collector;
    value_of(this->journal().subscribe(0, from, collector.sink()));
    EXPECT_EQ(collector.now().size(), end + 1 - from) << "before subscribe returns";
    expect_contiguous(collector.now(), from);
    this->journal().unsubscribe(0);
  }
}

TYPED_TEST_P(JournalDeliveryContract, ASubscriptionFromBeforeTheRetainedRangeIsRefused) {
  this->append_some(0, 200);
  this->journal().release(0, this->journal().end(0));
  if (this->journal().read(0, 1, 1)) GTEST_SKIP() << "this home has kept everything";
  Collector collector;
  const auto refused = this->journal().subscribe(0, 1, collector.sink());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::trimmed);
  this->append(0, make_block(201));
  EXPECT_TRUE(collector.now().empty());
}

TYPED_TEST_P(JournalDeliveryContract, NothingIsDeliveredAfterUnsubscribe) {
  auto collector = std::make_unique<Collector>();
  value_of(this->journal().subscribe(0, 1, collector->sink()));
  this->append(0, make_block(1));
  collector->wait_for(1);
  this->journal().unsubscribe(0);
  collector.reset();  // a late call would touch freed memory
  this->append(0, make_block(2));
  this->expect_number(this->journal().end(0), 2);
}

TYPED_TEST_P(JournalDeliveryContract, ASubscriberWhoComesWhileOthersAppendMissesNothing) {
  std::thread writer([&] { this->append_some(0, 300); });
  while (this->journal().end(0) < 50) std::this_thread::yield();
  Collector collector;
  value_of(this->journal().subscribe(0, 1, collector.sink()));
  writer.join();
  const auto blocks = collector.wait_for(this->journal().end(0));
  this->journal().unsubscribe(0);
  expect_contiguous(blocks);
  EXPECT_EQ(taken_of(blocks).size(), 300u);
}

// -- concurrency ---------------------------------------------------------------------------------

TYPED_TEST_P(JournalDeliveryContract, ConcurrentAppendersAndSubscribersAgreeOnOneOrder) {
  constexpr PartitionId partitions = 3;
  constexpr std::uint64_t threads = 6, appends = 40;
  std::array<Collector, partitions> collectors;
  for (PartitionId p = 0; p < partitions; ++p)
    value_of(this->journal().subscribe(p, 1, collectors[p].sink()));
  std::mutex mutex;
  std::map<std::pair<PartitionId, BlockNumber>, std::uint64_t> acknowledged;
  std::vector<std::thread> writers;
  for (std::uint64_t t = 0; t < threads; ++t) {
    writers.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < appends; ++i) {
        const auto partition = static_cast<PartitionId>((t + i) % partitions);
        const std::uint64_t id = 1 + t * appends + i;
        const BlockNumber number = this->append(
            partition, make_block(id, 1 + static_cast<std::uint32_t>(i % 4), 4 + i * 3));
        std::lock_guard lock(mutex);
        EXPECT_TRUE(acknowledged.emplace(std::pair(partition, number), id).second);
      }
    });
  }
  for (auto& writer : writers) writer.join();
  std::size_t total = 0;
  for (PartitionId p = 0; p < partitions; ++p) {
    const auto stored = this->read(p, 1);
    const auto seen = collectors[p].wait_for(stored.size());
    this->journal().unsubscribe(p);
    expect_contiguous(stored);
    ASSERT_EQ(seen.size(), stored.size());
    for (std::size_t i = 0; i < stored.size(); ++i) {
      EXPECT_EQ(seen[i].number, stored[i].number);
      EXPECT_TRUE(same_block(seen[i].block, stored[i].block));
      const auto told = acknowledged.find({p, stored[i].number});
      if (told == acknowledged.end()) continue;
      EXPECT_EQ(told->second, number_in(stored[i].block));
      ++total;
    }
    if (this->orderly()) {
      EXPECT_EQ(stored.size(), threads * appends / partitions);
    }
  }
  EXPECT_EQ(total, threads * appends);
}

REGISTER_TYPED_TEST_SUITE_P(JournalDeliveryContract, ASubscriberSeesItsPartitionsBlocksInOrder,
                            ASubscriberSeesABlockOnlyWhenItIsDurable,
                            ASubscriberIsGivenWhatIsThereAlreadyFromWhereItSays,
                            ASubscriptionFromBeforeTheRetainedRangeIsRefused,
                            NothingIsDeliveredAfterUnsubscribe,
                            ASubscriberWhoComesWhileOthersAppendMissesNothing,
                            ConcurrentAppendersAndSubscribersAgreeOnOneOrder);

}  // namespace hhgrid::storage::test
