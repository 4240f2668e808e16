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

TYPED_TEST_P(JournalDeliveryContract, ASubscriberSeesItsPartitionsBlocksOnceAndInOrder) {
  Collector collector;
  this->journal().subscribe(0, collector.sink());
  const auto appended = this->append_some(0, 10);
  this->append_some(1, 5);
  this->append(0, appended[4]);  // a repeat is not delivered again
  this->append(0, make_block(batch(99)));
  const auto blocks = collector.wait_for(11);
  ASSERT_EQ(blocks.size(), 11u);
  expect_contiguous(blocks);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(same_block(blocks[i].block, appended[i]));
  this->journal().unsubscribe(0);
}

TYPED_TEST_P(JournalDeliveryContract, ASubscriberSeesABlockOnlyWhenItIsDurable) {
  std::atomic<int> seen{0}, early{0};
  this->journal().subscribe(0, [&](const JournalBlock& block) {
    if (this->journal().end(0) < block.first + block.block.entry_count - 1) ++early;
    if (this->read(0, block.first, 1).empty()) ++early;
    ++seen;
  });
  this->append_some(0, 10);
  while (seen < 10) std::this_thread::yield();
  this->journal().unsubscribe(0);
  EXPECT_EQ(early, 0);
}

TYPED_TEST_P(JournalDeliveryContract, ASubscriberAfterAReopenSeesOnlyNewBlocks) {
  this->append_some(0, 5);
  this->reopen();
  const Position end = this->journal().end(0);
  Collector collector;
  this->journal().subscribe(0, collector.sink());
  this->append(0, make_block(batch(100)));
  const auto blocks = collector.wait_for(1);
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].first, end + 1);
  this->journal().unsubscribe(0);
}

TYPED_TEST_P(JournalDeliveryContract, NothingIsDeliveredAfterUnsubscribe) {
  auto collector = std::make_unique<Collector>();
  this->journal().subscribe(0, collector->sink());
  this->append(0, make_block(batch(1)));
  collector->wait_for(1);
  this->journal().unsubscribe(0);
  collector.reset();  // a late call would touch freed memory
  this->append(0, make_block(batch(2)));
  EXPECT_EQ(this->journal().end(0), 2u);
}

TYPED_TEST_P(JournalDeliveryContract, ReadingUpToTheEndAfterSubscribingLeavesNoGap) {
  std::thread writer([&] { this->append_some(0, 300); });
  while (this->journal().end(0) < 50) std::this_thread::yield();
  Collector collector;
  this->journal().subscribe(0, collector.sink());
  const Position end = this->journal().end(0);
  std::map<Position, std::uint32_t> blocks;
  for (const auto& block : this->read(0, 1)) {
    if (block.first <= end) blocks[block.first] = block.block.entry_count;
  }
  writer.join();
  this->append(0, make_block(batch(1000)));
  const Position last = this->journal().end(0);
  while (collector.now().empty() || collector.now().back().first != last) std::this_thread::yield();
  this->journal().unsubscribe(0);
  for (const auto& block : collector.now()) blocks[block.first] = block.block.entry_count;
  Position next = 1;
  for (const auto& [first, count] : blocks) {
    ASSERT_EQ(first, next);
    next += count;
  }
  EXPECT_EQ(next, last + 1);
}

// -- concurrency ---------------------------------------------------------------------------------

TYPED_TEST_P(JournalDeliveryContract, ConcurrentAppendersAndSubscribersAgreeOnOneOrder) {
  constexpr PartitionId partitions = 3;
  constexpr std::uint64_t threads = 6, appends = 40;
  std::array<Collector, partitions> collectors;
  for (PartitionId p = 0; p < partitions; ++p) this->journal().subscribe(p, collectors[p].sink());
  std::mutex mutex;
  std::map<std::pair<PartitionId, Position>, BatchId> acknowledged;
  std::vector<std::thread> writers;
  for (std::uint64_t t = 0; t < threads; ++t) {
    writers.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < appends; ++i) {
        const auto partition = static_cast<PartitionId>((t + i) % partitions);
        const BatchId id = batch(1 + t * appends + i);
        const Position first = this->append(
            partition, make_block(id, 1 + static_cast<std::uint32_t>(i % 4), 4 + i * 3));
        std::lock_guard lock(mutex);
        EXPECT_TRUE(acknowledged.emplace(std::pair(partition, first), id).second);
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
      EXPECT_EQ(seen[i].first, stored[i].first);
      EXPECT_TRUE(same_block(seen[i].block, stored[i].block));
      EXPECT_EQ((acknowledged[{p, stored[i].first}]), stored[i].block.batch_id);
    }
    total += stored.size();
  }
  EXPECT_EQ(total, threads * appends);
}

TYPED_TEST_P(JournalDeliveryContract, ConcurrentRetriesOfABatchAreStoredOnce) {
  constexpr std::uint64_t batches = 50;
  std::array<std::vector<Position>, 4> firsts;
  std::vector<std::thread> writers;
  for (auto& mine : firsts) {
    writers.emplace_back([&] {
      for (std::uint64_t i = 1; i <= batches; ++i)
        mine.push_back(this->append(0, make_block(batch(i), 2)));
    });
  }
  for (auto& writer : writers) writer.join();
  for (const auto& mine : firsts) EXPECT_EQ(mine, firsts[0]);
  EXPECT_EQ(this->journal().end(0), 2 * batches);
}

REGISTER_TYPED_TEST_SUITE_P(
    JournalDeliveryContract, ASubscriberSeesItsPartitionsBlocksOnceAndInOrder,
    ASubscriberSeesABlockOnlyWhenItIsDurable, ASubscriberAfterAReopenSeesOnlyNewBlocks,
    NothingIsDeliveredAfterUnsubscribe, ReadingUpToTheEndAfterSubscribingLeavesNoGap,
    ConcurrentAppendersAndSubscribersAgreeOnOneOrder, ConcurrentRetriesOfABatchAreStoredOnce);

}  // namespace hhgrid::storage::test
