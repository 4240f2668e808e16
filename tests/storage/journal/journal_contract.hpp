#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/storage/journal/journal_blocks.hpp"

namespace hhgrid::storage::test {

/// What every home of the journal must keep. A home's test instantiates it with a class that has
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
  Position append(PartitionId partition, const Block& block) {
    return value_of(journal_->append(partition, block));
  }
  std::vector<JournalBlock> read(PartitionId partition, Position from,
                                 std::size_t bytes_max = SIZE_MAX) {
    return value_of(journal_->read(partition, from, bytes_max));
  }
  /// Blocks of 1, 2, 3, 1, 2, 3 ... entries.
  std::vector<Block> append_some(PartitionId partition, std::uint64_t count,
                                 std::uint64_t number = 1) {
    std::vector<Block> blocks;
    for (std::uint64_t i = 0; i < count; ++i) {
      blocks.push_back(make_block(batch(number + i), 1 + static_cast<std::uint32_t>(i % 3), 4 + i));
      append(partition, blocks.back());
    }
    return blocks;
  }

 private:
  Home home_;
  std::unique_ptr<Journal> journal_;
};

/// Fails the test when positions leave a gap.
inline void expect_contiguous(const std::vector<JournalBlock>& blocks, Position from = 1) {
  for (const auto& block : blocks) {
    ASSERT_EQ(block.first, from);
    from += block.block.entry_count;
  }
}

TYPED_TEST_SUITE_P(JournalContract);

// -- positions -----------------------------------------------------------------------------------

TYPED_TEST_P(JournalContract, AnEmptyJournalEndsAtZeroAndReadsEmpty) {
  EXPECT_EQ(this->journal().end(0), 0u);
  EXPECT_TRUE(this->read(0, 0).empty());
  EXPECT_TRUE(this->read(0, 1).empty());
}

TYPED_TEST_P(JournalContract, PositionsAreContiguousFromOne) {
  EXPECT_EQ(this->append(0, make_block(batch(1), 3)), 1u);
  EXPECT_EQ(this->append(0, make_block(batch(2), 1)), 4u);
  EXPECT_EQ(this->append(0, make_block(batch(3), 5)), 5u);
  EXPECT_EQ(this->journal().end(0), 9u);
}

TYPED_TEST_P(JournalContract, EachPartitionCountsOnItsOwn) {
  EXPECT_EQ(this->append(0, make_block(batch(1), 3)), 1u);
  EXPECT_EQ(this->append(1, make_block(batch(2), 2)), 1u);
  EXPECT_EQ(this->append(0, make_block(batch(3), 1)), 4u);
  EXPECT_EQ(this->journal().end(1), 2u);
  EXPECT_EQ(this->journal().end(2), 0u);
}

TYPED_TEST_P(JournalContract, AppendAllGivesPositionsInTheOrderGiven) {
  std::vector<std::pair<PartitionId, Block>> blocks{{1, make_block(batch(1), 2)},
                                                    {0, make_block(batch(2), 1)},
                                                    {1, make_block(batch(3), 4)},
                                                    {3, make_block(batch(4), 1)}};
  EXPECT_EQ(value_of(this->journal().append_all(blocks)), (std::vector<Position>{1, 1, 3, 1}));
  EXPECT_EQ(this->journal().end(1), 6u);
}

TYPED_TEST_P(JournalContract, AppendAllOfNothingIsNothing) {
  EXPECT_TRUE(value_of(this->journal().append_all({})).empty());
}

// -- reading -------------------------------------------------------------------------------------

TYPED_TEST_P(JournalContract, BlocksComeBackInOrderAndUnchanged) {
  const auto appended = this->append_some(2, 20);
  const auto blocks = this->read(2, 1);
  ASSERT_EQ(blocks.size(), appended.size());
  expect_contiguous(blocks);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_TRUE(same_block(blocks[i].block, appended[i])) << i;
  }
}

TYPED_TEST_P(JournalContract, ReadFromAnyPositionStartsWithTheBlockThatHoldsIt) {
  this->append_some(0, 12);
  for (Position from = 1; from <= this->journal().end(0); ++from) {
    const auto blocks = this->read(0, from, 1);
    ASSERT_EQ(blocks.size(), 1u);
    EXPECT_LE(blocks[0].first, from);
    EXPECT_LT(from, blocks[0].first + blocks[0].block.entry_count);
  }
}

TYPED_TEST_P(JournalContract, ReadPastTheEndIsEmpty) {
  this->append_some(0, 3);
  EXPECT_TRUE(this->read(0, this->journal().end(0) + 1).empty());
  EXPECT_TRUE(this->read(0, this->journal().end(0) + 1000).empty());
}

TYPED_TEST_P(JournalContract, ReadStopsAboutWhereTheBytesEnd) {
  for (std::uint64_t i = 1; i <= 10; ++i) this->append(0, make_block(batch(i), 1, 128));
  EXPECT_EQ(this->read(0, 1, 0).size(), 1u);
  const auto some = this->read(0, 1, 4 * 1024);
  EXPECT_GE(some.size(), 3u);
  EXPECT_LE(some.size(), 5u);
}

TYPED_TEST_P(JournalContract, LargeBlocksComeBackUnchanged) {
  const Block large = make_block(batch(1), 100'000, (std::size_t{8} << 20) / sizeof(capnp::word));
  this->append(0, make_block(batch(2)));
  EXPECT_EQ(this->append(0, large), 2u);
  EXPECT_EQ(this->append(0, make_block(batch(3))), 100'002u);
  const auto blocks = this->read(0, 50'000, 1);
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_TRUE(same_block(blocks[0].block, large));
}

// -- repeats -------------------------------------------------------------------------------------

TYPED_TEST_P(JournalContract, ARepeatedBatchIsStoredOnce) {
  const Block block = make_block(batch(1), 3);
  EXPECT_EQ(this->append(0, block), 1u);
  this->append(0, make_block(batch(2)));
  EXPECT_EQ(this->append(0, block), 1u);
  EXPECT_EQ(this->journal().end(0), 4u);
  EXPECT_EQ(this->read(0, 1).size(), 2u);
}

TYPED_TEST_P(JournalContract, ARepeatedBatchIsStoredOnceAfterAReopen) {
  const auto appended = this->append_some(0, 10);
  const Position end = this->journal().end(0);
  this->reopen();
  EXPECT_EQ(this->append(0, appended[0]), 1u);
  EXPECT_EQ(this->append(0, appended[3]), 7u);
  EXPECT_EQ(this->journal().end(0), end);
}

TYPED_TEST_P(JournalContract, TheSameBatchIdInAnotherPartitionIsAnotherBatch) {
  EXPECT_EQ(this->append(0, make_block(batch(1), 2)), 1u);
  EXPECT_EQ(this->append(1, make_block(batch(1), 2)), 1u);
  EXPECT_EQ(this->journal().end(1), 2u);
}

TYPED_TEST_P(JournalContract, AppendAllStoresARepeatWithinItselfOnce) {
  std::vector<std::pair<PartitionId, Block>> blocks{
      {0, make_block(batch(1), 2)}, {0, make_block(batch(2), 2)}, {0, make_block(batch(1), 2)}};
  EXPECT_EQ(value_of(this->journal().append_all(blocks)), (std::vector<Position>{1, 3, 1}));
  EXPECT_EQ(this->journal().end(0), 4u);
}

TYPED_TEST_P(JournalContract, TheLast4096BatchesAreRememberedAfterReleaseAndReopen) {
  constexpr std::uint64_t count = 4096;
  std::vector<std::pair<PartitionId, Block>> blocks;
  for (std::uint64_t i = 1; i <= count; ++i) {
    blocks.emplace_back(0, make_block(batch(i)));
    if (blocks.size() == 64) {
      value_of(this->journal().append_all(blocks));
      blocks.clear();
    }
  }
  this->journal().release(0, count);
  this->reopen();
  for (std::uint64_t i = 1; i <= count; i += 13) {
    ASSERT_EQ(this->append(0, make_block(batch(i))), i);
  }
  EXPECT_EQ(this->journal().end(0), count);
}

// -- durability ----------------------------------------------------------------------------------

TYPED_TEST_P(JournalContract, WhatWasAppendedIsThereAfterAReopen) {
  const auto first = this->append_some(0, 10), second = this->append_some(1, 7);
  this->reopen();
  const auto blocks = this->read(0, 1);
  ASSERT_EQ(blocks.size(), first.size());
  expect_contiguous(blocks);
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(same_block(blocks[i].block, first[i]));
  EXPECT_EQ(this->read(1, 1).size(), second.size());
}

TYPED_TEST_P(JournalContract, PositionsGoOnAfterEveryReopen) {
  for (std::uint64_t round = 0; round < 5; ++round) {
    EXPECT_EQ(this->append(0, make_block(batch(round + 1), 2)), 2 * round + 1);
    this->reopen();
    EXPECT_EQ(this->journal().end(0), 2 * round + 2);
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
    EXPECT_LE(blocks[0].first, 51u);
    expect_contiguous(blocks, blocks[0].first);
    EXPECT_TRUE(same_block(blocks.back().block, appended.back()));
  }
}

TYPED_TEST_P(JournalContract, ReadBeforeTheRetainedRangeIsTrimmedAndNeverSkips) {
  this->append_some(0, 200);
  const Position end = this->journal().end(0);
  this->journal().release(0, end);
  for (const bool reopened : {false, true}) {
    if (reopened) this->reopen();
    for (Position from = 1; from <= end; ++from) {
      const auto blocks = this->journal().read(0, from, 1);
      if (blocks) {
        ASSERT_EQ(blocks->size(), 1u);
        EXPECT_LE(blocks->front().first, from);
        EXPECT_LT(from, blocks->front().first + blocks->front().block.entry_count);
      } else {
        EXPECT_EQ(blocks.error().code, Errc::trimmed);
      }
    }
    EXPECT_TRUE(this->read(0, end + 1).empty());
  }
}

TYPED_TEST_P(JournalContract, PositionsGoOnAfterReleaseAndReopen) {
  this->append_some(0, 100);
  const Position end = this->journal().end(0);
  this->journal().release(0, end);
  this->reopen();
  EXPECT_EQ(this->journal().end(0), end);
  EXPECT_EQ(this->append(0, make_block(batch(500))), end + 1);
}

REGISTER_TYPED_TEST_SUITE_P(
    JournalContract, AnEmptyJournalEndsAtZeroAndReadsEmpty, PositionsAreContiguousFromOne,
    EachPartitionCountsOnItsOwn, AppendAllGivesPositionsInTheOrderGiven,
    AppendAllOfNothingIsNothing, BlocksComeBackInOrderAndUnchanged,
    ReadFromAnyPositionStartsWithTheBlockThatHoldsIt, ReadPastTheEndIsEmpty,
    ReadStopsAboutWhereTheBytesEnd, LargeBlocksComeBackUnchanged, ARepeatedBatchIsStoredOnce,
    ARepeatedBatchIsStoredOnceAfterAReopen, TheSameBatchIdInAnotherPartitionIsAnotherBatch,
    AppendAllStoresARepeatWithinItselfOnce, TheLast4096BatchesAreRememberedAfterReleaseAndReopen,
    WhatWasAppendedIsThereAfterAReopen, PositionsGoOnAfterEveryReopen,
    WhatIsNotReleasedStaysReadable, ReadBeforeTheRetainedRangeIsTrimmedAndNeverSkips,
    PositionsGoOnAfterReleaseAndReopen);

}  // namespace hhgrid::storage::test
