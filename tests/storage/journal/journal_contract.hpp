#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/storage/journal/journal_blocks.hpp"

namespace hhgrid::storage::test {

/// What every home of the journal must keep, also one that stores a sender's blocks twice, or early
/// and again: of the blocks 1, 2, 3 ... of a partition those count that are taken (taken_of). Only
/// a home that delivers once has their numbers as they were appended. A home's test instantiates it
/// with a class that has
///   static constexpr PartitionId partition_count   (at least 4);
///   std::unique_ptr<Journal> open()                 opens, or reopens after the last one was
///   destroyed;
/// one instance lives as long as one test. Instantiate JournalDeliveryContract too
/// (journal_delivery_contract.hpp). See local_journal_test.cpp.
template <class Home>
class JournalContract : public testing::Test {
 protected:
  JournalContract() : journal_(home_.open()) {}

  Journal& journal() { return *journal_; }
  void reopen() {
    journal_.reset();
    journal_ = home_.open();
    ASSERT_NE(journal_, nullptr);
  }
  BlockNumber append(PartitionId partition, const Block& block) {
    return value_of(journal_->append(partition, block));
  }
  std::vector<JournalBlock> read(PartitionId partition, BlockNumber from,
                                 std::size_t bytes_max = SIZE_MAX) {
    return value_of(journal_->read(partition, from, bytes_max));
  }
  std::vector<JournalBlock> taken(PartitionId partition) { return taken_of(read(partition, 1)); }
  bool orderly() const { return journal_->delivers_once(); }
  /// What a home that delivers once answers exactly, another at least.
  void expect_number(BlockNumber number, BlockNumber orderly_number) const {
    if (orderly()) {
      EXPECT_EQ(number, orderly_number);
    }
    EXPECT_GE(number, orderly_number);
  }
  /// Blocks of 1, 2, 3, 1, 2, 3 ... entries.
  std::vector<Block> append_some(PartitionId partition, std::uint64_t count,
                                 std::uint64_t number = 1) {
    std::vector<Block> blocks;
    for (std::uint64_t i = 0; i < count; ++i) {
      blocks.push_back(make_block(number + i, 1 + static_cast<std::uint32_t>(i % 3), 4 + i));
      append(partition, blocks.back());
    }
    return blocks;
  }

 private:
  Home home_;
  std::unique_ptr<Journal> journal_;
};

/// Fails the test when block numbers leave a gap.
inline void expect_contiguous(const std::vector<JournalBlock>& blocks, BlockNumber from = 1) {
  for (const auto& block : blocks) ASSERT_EQ(block.number, from++);
}

TYPED_TEST_SUITE_P(JournalContract);

// -- block numbers ------------------------------------------------------------------------------

TYPED_TEST_P(JournalContract, AnEmptyJournalEndsAtZeroAndReadsEmpty) {
  EXPECT_EQ(this->journal().end(0), 0u);
  EXPECT_TRUE(this->read(0, 0).empty());
  EXPECT_TRUE(this->read(0, 1).empty());
}

TYPED_TEST_P(JournalContract, BlocksAreNumberedContiguouslyFromOneWhateverTheyHold) {
  this->expect_number(this->append(0, make_block(1, 3)), 1);
  this->expect_number(this->append(0, make_block(2, 1)), 2);
  this->expect_number(this->append(0, make_block(3, 5)), 3);
  this->expect_number(this->journal().end(0), 3);
  const auto blocks = this->read(0, 1);
  expect_contiguous(blocks);
  EXPECT_EQ(blocks.size(), this->journal().end(0));
}

TYPED_TEST_P(JournalContract, EachPartitionCountsOnItsOwn) {
  this->expect_number(this->append(0, make_block(1, 3)), 1);
  this->expect_number(this->append(1, make_block(1, 2)), 1);
  this->expect_number(this->append(0, make_block(2, 1)), 2);
  for (const PartitionId p : {0, 1}) expect_contiguous(this->read(p, 1));
  this->expect_number(this->journal().end(1), 1);
  EXPECT_EQ(this->journal().end(2), 0u);
}

TYPED_TEST_P(JournalContract, AppendAllGivesNumbersInTheOrderGiven) {
  std::vector<std::pair<PartitionId, Block>> blocks{
      {1, make_block(1, 2)}, {0, make_block(1, 1)}, {1, make_block(2, 4)}, {3, make_block(1, 1)}};
  const auto numbers = value_of(this->journal().append_all(blocks));
  ASSERT_EQ(numbers.size(), 4u);
  if (this->orderly()) {
    EXPECT_EQ(numbers, (std::vector<BlockNumber>{1, 1, 2, 1}));
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto stored = this->read(blocks[i].first, numbers[i], 1);
    ASSERT_EQ(stored.size(), 1u);
    EXPECT_TRUE(same_block(stored[0].block, blocks[i].second));
  }
  EXPECT_EQ(this->taken(1).size(), 2u);
}

TYPED_TEST_P(JournalContract, AppendAllOfNothingIsNothing) {
  EXPECT_TRUE(value_of(this->journal().append_all({})).empty());
}

// -- reading -------------------------------------------------------------------------------------

TYPED_TEST_P(JournalContract, BlocksComeBackInOrderAndUnchanged) {
  const auto appended = this->append_some(2, 20);
  expect_contiguous(this->read(2, 1));
  const auto blocks = this->taken(2);
  ASSERT_EQ(blocks.size(), appended.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_TRUE(same_block(blocks[i].block, appended[i])) << i;
  }
}

TYPED_TEST_P(JournalContract, ReadStartsWithTheBlockAskedFor) {
  this->append_some(0, 12);
  for (BlockNumber from = 1; from <= this->journal().end(0); ++from) {
    const auto blocks = this->read(0, from, 1);
    ASSERT_EQ(blocks.size(), 1u);
    EXPECT_EQ(blocks[0].number, from);
  }
}

TYPED_TEST_P(JournalContract, ReadPastTheEndIsEmpty) {
  this->append_some(0, 3);
  EXPECT_TRUE(this->read(0, this->journal().end(0) + 1).empty());
  EXPECT_TRUE(this->read(0, this->journal().end(0) + 1000).empty());
}

TYPED_TEST_P(JournalContract, ReadStopsAboutWhereTheBytesEnd) {
  for (std::uint64_t i = 1; i <= 10; ++i) this->append(0, make_block(i, 1, 128));
  EXPECT_EQ(this->read(0, 1, 0).size(), 1u);
  const auto some = this->read(0, 1, 4 * 1024);
  EXPECT_GE(some.size(), 3u);
  EXPECT_LE(some.size(), 5u);
}

TYPED_TEST_P(JournalContract, LargeBlocksComeBackUnchanged) {
  const Block large =
      make_block(2, block_entries_max, (std::size_t{8} << 20) / sizeof(capnp::word));
  this->append(0, make_block(1));
  const BlockNumber number = this->append(0, large);
  this->append(0, make_block(3));
  const auto blocks = this->read(0, number, 1);
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_TRUE(same_block(blocks[0].block, large));
  EXPECT_EQ(this->taken(0).size(), 3u);
}

TYPED_TEST_P(JournalContract, ABlockWithoutEntriesIsABlockLikeAnother) {
  this->append(0, make_block(1));
  this->expect_number(this->append(0, make_block(2, 0)), 2);
  this->reopen();
  const auto blocks = this->taken(0);
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_TRUE(same_block(blocks[1].block, make_block(2, 0)));
}

// -- asynchronous appends -------------------------------------------------------------------------

TYPED_TEST_P(JournalContract, AnAsynchronousAppendTellsItsNumberOnceItIsDurable) {
  constexpr std::uint64_t count = 200;
  std::mutex mutex;
  std::vector<std::pair<BlockNumber, BlockNumber>> told;  // and the end then
  const auto is_told = [&](std::size_t wanted) {
    const std::lock_guard lock(mutex);
    return told.size() >= wanted;
  };
  for (std::uint64_t i = 1; i <= count;) {
    const auto done = [&](tl::expected<BlockNumber, Error> number) {
      const std::lock_guard lock(mutex);
      told.emplace_back(value_of(std::move(number)), this->journal().end(0));
    };
    if (this->journal().append_async(0, make_block(i), done))
      ++i;
    else
      std::this_thread::yield();  // no credit
  }
  while (!is_told(count)) std::this_thread::yield();
  for (std::uint64_t i = 0; i < count; ++i) {
    this->expect_number(told[i].first, i + 1);
    EXPECT_GE(told[i].second, told[i].first);
    if (i > 0) {
      EXPECT_GT(told[i].first, told[i - 1].first) << "in the order of the calls";
    }
  }
  const auto blocks = this->taken(0);
  ASSERT_EQ(blocks.size(), count);
  for (std::uint64_t i = 0; i < count; ++i)
    EXPECT_TRUE(same_block(blocks[i].block, make_block(i + 1)));
}

TYPED_TEST_P(JournalContract,
             AsynchronousAppendsBeyondTheCreditAreRefusedAndThenThereIsCreditAgain) {
  // One megabyte each: whatever the credit is, there is an end to it.
  const Block large = make_block(1, 1, (std::size_t{1} << 20) / sizeof(capnp::word));
  std::atomic<int> done{0};
  int taken = 0;
  const auto append = [&] {
    return this->journal().append_async(0, large, [&](auto number) {
      value_of(std::move(number));
      ++done;
    });
  };
  while (taken < 1000 && append()) ++taken;
  EXPECT_GT(taken, 0);
  EXPECT_LT(taken, 1000) << "credit without end";
  while (done < taken) std::this_thread::yield();
  EXPECT_TRUE(append());
  while (done < taken + 1) std::this_thread::yield();
  this->expect_number(this->journal().end(0), static_cast<BlockNumber>(taken) + 1);
}

// -- identity and digest --------------------------------------------------------------------------

TYPED_TEST_P(JournalContract, AJournalKeepsItsIdentityAndNoOtherHasIt) {
  const JournalId identity = this->journal().identity();
  this->reopen();
  EXPECT_EQ(this->journal().identity(), identity);
  TypeParam other;
  EXPECT_NE(other.open()->identity(), identity);
}

TYPED_TEST_P(JournalContract, TheDigestFollowsFromEveryBlockSoFar) {
  this->append_some(0, 3);
  this->append(1, make_block(1, 1, 4));
  this->append(1, make_block(9, 1, 5));  // another second block
  this->append(1, make_block(3, 3, 6));
  const auto digest = [&](PartitionId partition, BlockNumber block) {
    return value_of(this->journal().digest(partition, block));
  };
  EXPECT_EQ(digest(0, 0), 0u);
  if (this->orderly()) {
    EXPECT_EQ(digest(0, 1), digest(1, 1));
    EXPECT_NE(digest(0, 2), digest(1, 2));
    EXPECT_NE(digest(0, 3), digest(1, 3)) << "the same block after another";
  }
  std::uint64_t rolling = 0;
  for (const auto& block : this->read(0, 1)) {
    rolling = rolling_digest(rolling, hash_of(*block.block.words));
    EXPECT_EQ(digest(0, block.number), rolling);
  }
  for (const auto& block : this->read(0, 1)) EXPECT_EQ(block.digest, digest(0, block.number));
}

TYPED_TEST_P(JournalContract, DigestsStayAfterReopenAndReleaseDownToTheBlockReleased) {
  this->append_some(0, 40);
  std::vector<std::uint64_t> digests;
  const BlockNumber end = this->journal().end(0);
  for (BlockNumber block = 0; block <= end; ++block)
    digests.push_back(value_of(this->journal().digest(0, block)));
  this->journal().release(0, 30);
  for (const bool reopened : {false, true}) {
    if (reopened) this->reopen();
    for (BlockNumber block = 30; block <= end; ++block)
      EXPECT_EQ(value_of(this->journal().digest(0, block)), digests[block]);
  }
  this->append(0, make_block(41));
  EXPECT_EQ(value_of(this->journal().digest(0, end + 1)), this->read(0, end + 1).front().digest);
}

TYPED_TEST_P(JournalContract, TheDigestOfABlockPastTheEndIsAMismatch) {
  this->append_some(0, 3);
  const auto digest = this->journal().digest(0, this->journal().end(0) + 1);
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, Errc::mismatch);
}

// -- durability ----------------------------------------------------------------------------------

TYPED_TEST_P(JournalContract, WhatWasAppendedIsThereAfterAReopen) {
  const auto first = this->append_some(0, 10), second = this->append_some(1, 7);
  this->reopen();
  expect_contiguous(this->read(0, 1));
  const auto blocks = this->taken(0);
  ASSERT_EQ(blocks.size(), first.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(same_block(blocks[i].block, first[i]));
  EXPECT_EQ(this->taken(1).size(), second.size());
}

TYPED_TEST_P(JournalContract, NumbersGoOnAfterEveryReopen) {
  for (std::uint64_t round = 0; round < 5; ++round) {
    const BlockNumber number = this->append(0, make_block(round + 1, 2));
    this->expect_number(number, round + 1);
    this->reopen();
    EXPECT_GE(this->journal().end(0), number);
  }
  expect_contiguous(this->read(0, 1));
}

// -- release -------------------------------------------------------------------------------------

TYPED_TEST_P(JournalContract, WhatIsNotReleasedStaysReadable) {
  const auto appended = this->append_some(0, 60);
  this->append_some(1, 60);
  this->journal().release(0, 50);
  this->journal().release(1, 1000);
  for (const bool reopened : {false, true}) {
    if (reopened) this->reopen();
    const auto blocks = this->read(0, 51);
    ASSERT_FALSE(blocks.empty());
    expect_contiguous(blocks, 51);
    EXPECT_TRUE(std::any_of(blocks.begin(), blocks.end(), [&](const auto& block) {
      return static_cast<bool>(same_block(block.block, appended.back()));
    }));
  }
}

TYPED_TEST_P(JournalContract, ReadBeforeTheRetainedRangeIsTrimmedAndNeverSkips) {
  this->append_some(0, 200);
  const BlockNumber end = this->journal().end(0);
  this->journal().release(0, end);
  for (const bool reopened : {false, true}) {
    if (reopened) this->reopen();
    for (BlockNumber from = 1; from <= end; ++from) {
      const auto blocks = this->journal().read(0, from, 1);
      if (blocks) {
        ASSERT_EQ(blocks->size(), 1u);
        EXPECT_EQ(blocks->front().number, from);
      } else {
        EXPECT_EQ(blocks.error().code, Errc::trimmed);
      }
    }
    EXPECT_TRUE(this->read(0, end + 1).empty());
  }
}

TYPED_TEST_P(JournalContract, NumbersGoOnAfterReleaseAndReopen) {
  this->append_some(0, 100);
  const BlockNumber end = this->journal().end(0);
  this->journal().release(0, end);
  this->reopen();
  EXPECT_EQ(this->journal().end(0), end);
  this->expect_number(this->append(0, make_block(500)), end + 1);
}

REGISTER_TYPED_TEST_SUITE_P(
    JournalContract, AnEmptyJournalEndsAtZeroAndReadsEmpty,
    BlocksAreNumberedContiguouslyFromOneWhateverTheyHold, EachPartitionCountsOnItsOwn,
    AppendAllGivesNumbersInTheOrderGiven, AppendAllOfNothingIsNothing,
    BlocksComeBackInOrderAndUnchanged, ReadStartsWithTheBlockAskedFor, ReadPastTheEndIsEmpty,
    ReadStopsAboutWhereTheBytesEnd, LargeBlocksComeBackUnchanged,
    ABlockWithoutEntriesIsABlockLikeAnother, AnAsynchronousAppendTellsItsNumberOnceItIsDurable,
    AsynchronousAppendsBeyondTheCreditAreRefusedAndThenThereIsCreditAgain,
    AJournalKeepsItsIdentityAndNoOtherHasIt, TheDigestFollowsFromEveryBlockSoFar,
    DigestsStayAfterReopenAndReleaseDownToTheBlockReleased, TheDigestOfABlockPastTheEndIsAMismatch,
    WhatWasAppendedIsThereAfterAReopen, NumbersGoOnAfterEveryReopen, WhatIsNotReleasedStaysReadable,
    ReadBeforeTheRetainedRangeIsTrimmedAndNeverSkips, NumbersGoOnAfterReleaseAndReopen);

}  // namespace hhgrid::storage::test
