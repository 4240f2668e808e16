#include <gmock/gmock.h>

#include "storage/journal/local/local_journal.hpp"
#include "storage/journal/local/segment.hpp"
#include "tests/storage/disk/memory_file_system.hpp"
#include "tests/storage/journal/journal_blocks.hpp"

namespace hhgrid::storage::test {
namespace {

using testing::HasSubstr;

/// A journal on a disk that can be made to fail.
class LocalJournalFailureTest : public testing::Test {
 protected:
  static constexpr std::uint64_t segment_bytes = 4096;

  LocalJournalFailureTest() { open(); }

  void open() {
    journal_.reset();
    LocalJournalOptions options;
    options.directory = directory_.path();
    options.grid_id = {1, 2};
    options.partition_count = 2;
    options.segment_bytes = segment_bytes;
    options.files = files_;
    journal_ = value_of(LocalJournal::open(options));
  }
  tl::expected<BlockNumber, Error> append(std::uint64_t number, std::size_t words = 20) {
    return journal_->append(0, make_block(number, 2, words));
  }
  Errc code_of(const tl::expected<BlockNumber, Error>& result) {
    EXPECT_FALSE(result);
    return result ? Errc::damaged : result.error().code;
  }
  std::vector<JournalBlock> read_all() { return value_of(journal_->read(0, 1, SIZE_MAX)); }

  TemporaryDirectory directory_;
  std::shared_ptr<MemoryFileSystem> files_ = std::make_shared<MemoryFileSystem>();
  std::unique_ptr<LocalJournal> journal_;
};

TEST_F(LocalJournalFailureTest, ShortWritesAreContinued) {
  files_->write_bytes_max = 7;
  EXPECT_EQ(value_of(append(1)), 1u);
  EXPECT_EQ(value_of(append(2)), 2u);
  open();
  const auto blocks = read_all();
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_TRUE(same_block(blocks[1].block, make_block(2, 2, 20)));
}

TEST_F(LocalJournalFailureTest, AFullDiskAtAnyByteStoresNothingAndTakesNoNumber) {
  const std::size_t frame_bytes = sizeof(FrameHeader) + 20 * sizeof(capnp::word);
  value_of(append(1));
  for (std::size_t budget = 0; budget < frame_bytes; ++budget) {
    files_->write_budget = budget;
    ASSERT_EQ(code_of(append(2)), Errc::no_space) << budget;
    ASSERT_EQ(journal_->end(0), 1u);
    ASSERT_EQ(read_all().size(), 1u);
  }
  files_->write_budget.reset();
  EXPECT_EQ(value_of(append(2)), 2u);
  open();
  EXPECT_EQ(journal_->end(0), 2u);
  EXPECT_EQ(journal_->status().torn_bytes_cut, 0u);
}

TEST_F(LocalJournalFailureTest, AFullDiskFailsAppendAllAsAWhole) {
  const std::vector<std::pair<PartitionId, Block>> blocks{{0, make_block(1)},
                                                          {1, make_block(2, 1, 100)}};
  files_->write_budget = sizeof(FrameHeader) + 200;
  const auto full = journal_->append_all(blocks);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::no_space);
  EXPECT_EQ(journal_->end(0), 0u);
  open();
  EXPECT_EQ(journal_->end(0), 0u);
  files_->write_budget.reset();
  EXPECT_EQ(value_of(journal_->append_all(blocks)), (std::vector<BlockNumber>{1, 1}));
}

TEST_F(LocalJournalFailureTest, WhatAFullDiskRefusedDoesNotComeBackAfterAPowerCut) {
  std::mt19937_64 random(1);
  files_->write_budget = 200;
  const std::vector<std::pair<PartitionId, Block>> blocks{{0, make_block(1)},
                                                          {0, make_block(2, 1, 100)}};
  EXPECT_FALSE(journal_->append_all(blocks));
  journal_.reset();
  files_->cut_power(random);
  open();
  EXPECT_EQ(journal_->end(0), 0u);
}

TEST_F(LocalJournalFailureTest, AFullDiskAtANewSegmentKeepsTheOldOne) {
  files_->capacity = segment_bytes;
  std::uint64_t stored = 0;
  while (append(stored + 1)) ++stored;
  EXPECT_EQ(code_of(append(stored + 1)), Errc::no_space);
  EXPECT_GT(stored, 10u);
  EXPECT_EQ(files_->names().size(), 1u);
  files_->capacity.reset();
  EXPECT_EQ(value_of(append(stored + 1)), stored + 1);
  open();
  EXPECT_EQ(read_all().size(), stored + 1);
}

TEST_F(LocalJournalFailureTest, AQuotaThatIsUsedUpIsNoSpace) {
  files_->write_budget = 10;
  files_->write_error = EDQUOT;
  EXPECT_EQ(code_of(append(1)), Errc::no_space);
}

TEST_F(LocalJournalFailureTest, AFullDiskThatTheSyncFindsIsRolledBack) {
  files_->sync_errors = {ENOSPC};
  EXPECT_EQ(code_of(append(1)), Errc::no_space);
  EXPECT_EQ(journal_->end(0), 0u);
  EXPECT_EQ(value_of(append(1)), 1u);
  open();
  EXPECT_EQ(read_all().size(), 1u);
}

TEST_F(LocalJournalFailureTest, ARollBackThatFailsClosesTheJournal) {
  files_->sync_errors = {ENOSPC, ENOSPC};
  EXPECT_EQ(code_of(append(1)), Errc::io);
  EXPECT_EQ(code_of(append(1)), Errc::closed);
  open();
  EXPECT_EQ(value_of(append(1)), 1u);
}

TEST_F(LocalJournalFailureTest, AFailedSyncClosesTheJournalUntilARestart) {
  value_of(append(1));
  files_->sync_errors = {EIO};
  const auto failed = append(2);
  EXPECT_EQ(code_of(failed), Errc::io);
  EXPECT_THAT(failed.error().text, HasSubstr("restart"));
  EXPECT_THAT(failed.error().text, HasSubstr("journal-000000000001.log"));
  EXPECT_EQ(code_of(append(3)), Errc::closed);
  EXPECT_EQ(read_all().size(), 1u);
  open();
  EXPECT_EQ(journal_->end(0), 1u);
  EXPECT_EQ(value_of(append(2)), 2u);
}

TEST_F(LocalJournalFailureTest, AFailedSyncOfANewSegmentLosesNothing) {
  // One more block of this size starts the second segment, whose checkpoint is the next thing to
  // sync.
  std::uint64_t stored = 0;
  while (value_of(append(stored + 1)) && journal_->status().retained_bytes + 224 <= segment_bytes)
    ++stored;
  ++stored;
  files_->sync_errors = {EIO};
  EXPECT_FALSE(append(stored + 1));
  open();
  EXPECT_EQ(read_all().size(), stored);
  EXPECT_EQ(value_of(append(stored + 1)), stored + 1);
}

TEST_F(LocalJournalFailureTest, AnotherWriteErrorClosesTheJournal) {
  files_->write_budget = 10;
  files_->write_error = EIO;
  EXPECT_EQ(code_of(append(1)), Errc::io);
  files_->write_budget.reset();
  EXPECT_EQ(code_of(append(1)), Errc::closed);
}

TEST_F(LocalJournalFailureTest, AFileSystemWithoutPreallocationServes) {
  files_->allocate_error = EOPNOTSUPP;
  for (std::uint64_t i = 1; i <= 50; ++i) ASSERT_EQ(value_of(append(i)), i);
  open();
  EXPECT_EQ(journal_->end(0), 50u);
}

TEST_F(LocalJournalFailureTest, ASegmentThatCannotBeDeletedIsTriedAgain) {
  for (std::uint64_t i = 1; i <= 50; ++i) value_of(append(i));
  const auto before = files_->names();
  files_->remove_error = EIO;
  journal_->release(0, 50);
  EXPECT_EQ(files_->names(), before);
  EXPECT_EQ(journal_->status().trim_failures, 1u);
  EXPECT_EQ(read_all().size(), 50u);
  files_->remove_error = 0;
  journal_->release(0, 50);
  EXPECT_EQ(files_->names().size(), 1u);
}

TEST_F(LocalJournalFailureTest, AFullDiskWhileItIsMadeIsNoSpace) {
  auto full = std::make_shared<MemoryFileSystem>();
  full->capacity = 100;
  LocalJournalOptions options;
  options.directory = directory_.path() / "other";
  options.partition_count = 2;
  options.files = full;
  const auto journal = LocalJournal::open(options);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, Errc::no_space);
  EXPECT_TRUE(full->names().empty());
}

}  // namespace
}  // namespace hhgrid::storage::test
