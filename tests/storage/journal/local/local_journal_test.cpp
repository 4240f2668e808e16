#include "storage/journal/local/local_journal.hpp"

#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "tests/storage/journal/journal_contract.hpp"
#include "tests/storage/journal/journal_delivery_contract.hpp"

namespace hhgrid::storage::test {
namespace {

using testing::HasSubstr;

LocalJournalOptions options_for(const std::filesystem::path& directory,
                                std::uint64_t segment_bytes = 64 << 20) {
  LocalJournalOptions options;
  options.directory = directory;
  options.grid_id = {1, 2};
  options.partition_count = 4;
  options.segment_bytes = segment_bytes;
  return options;
}

template <std::uint64_t segment_bytes>
class LocalHome {
 public:
  static constexpr PartitionId partition_count = 4;
  std::unique_ptr<Journal> open() {
    return value_of(LocalJournal::open(options_for(directory_.path() / "journal", segment_bytes)));
  }

 private:
  TemporaryDirectory directory_;
};

/// Small segments make every test run over many of them.
using Homes = testing::Types<LocalHome<64 << 20>, LocalHome<1 << 10>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Local, JournalContract, Homes);
INSTANTIATE_TYPED_TEST_SUITE_P(Local, JournalDeliveryContract, Homes);

class LocalJournalTest : public testing::Test {
 protected:
  std::unique_ptr<LocalJournal> open(std::uint64_t segment_bytes = 64 << 20) {
    return value_of(LocalJournal::open(options_for(path(), segment_bytes)));
  }
  std::filesystem::path path() const { return directory_.path() / "journal"; }
  std::set<std::string> segment_files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      if (entry.path().extension() == ".log") names.insert(entry.path().filename());
    }
    return names;
  }

 private:
  TemporaryDirectory directory_;
};

TEST_F(LocalJournalTest, ASecondOpenIsRefusedWithPathAndProcess) {
  const auto journal = open();
  const auto second = LocalJournal::open(options_for(path()));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::in_use);
  EXPECT_THAT(second.error().text, HasSubstr(path().string()));
  EXPECT_THAT(second.error().text, HasSubstr(std::to_string(::getpid())));
}

TEST_F(LocalJournalTest, MissingParentDirectoriesAreMade) {
  const auto journal = LocalJournal::open(options_for(path() / "a" / "b"));
  EXPECT_TRUE(journal) << journal.error().text;
}

TEST_F(LocalJournalTest, AJournalOfAnotherGridIsForeign) {
  open().reset();
  auto options = options_for(path());
  options.grid_id = {1, 3};
  const auto other = LocalJournal::open(options);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::foreign);
  EXPECT_THAT(other.error().text, HasSubstr("00000000000000010000000000000002"));
}

TEST_F(LocalJournalTest, AnotherPartitionCountIsForeign) {
  open().reset();
  auto options = options_for(path());
  options.partition_count = 5;
  const auto other = LocalJournal::open(options);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::foreign);
}

TEST_F(LocalJournalTest, AClosedJournalRefusesAppendsAndStillReads) {
  const auto journal = open();
  value_of(journal->append(0, make_block(1)));
  journal->close();
  const auto refused = journal->append(0, make_block(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::closed);
  EXPECT_EQ(value_of(journal->read(0, 1, 1)).size(), 1u);
}

TEST_F(LocalJournalTest, AFullSegmentIsFollowedByAnother) {
  const auto journal = open(4096);
  for (std::uint64_t i = 1; i <= 20; ++i) value_of(journal->append(0, make_block(i, 1, 100)));
  EXPECT_GT(segment_files().size(), 3u);
  EXPECT_EQ(journal->status().retained_segments, segment_files().size());
}

TEST_F(LocalJournalTest, ReleasedSegmentsAreDeletedOldestFirst) {
  const auto journal = open(4096);
  for (std::uint64_t i = 1; i <= 20; ++i) value_of(journal->append(0, make_block(i, 1, 100)));
  const auto before = segment_files();
  journal->release(0, 10);
  const auto between = segment_files();
  EXPECT_LT(between.size(), before.size());
  EXPECT_FALSE(between.contains(*before.begin()));
  EXPECT_TRUE(between.contains(*before.rbegin()));
  journal->release(0, 20);
  EXPECT_EQ(segment_files(), (std::set<std::string>{*before.rbegin()}));
  const auto trimmed = journal->read(0, 1, 1);
  ASSERT_FALSE(trimmed);
  EXPECT_EQ(trimmed.error().code, Errc::trimmed);
}

TEST_F(LocalJournalTest, OnePartitionThatLagsKeepsTheSegment) {
  const auto journal = open(4096);
  value_of(journal->append(1, make_block(1)));
  for (std::uint64_t i = 2; i <= 20; ++i) value_of(journal->append(0, make_block(i, 1, 100)));
  const auto before = segment_files();
  journal->release(0, 19);
  EXPECT_EQ(segment_files(), before);
  journal->release(1, 1);
  EXPECT_EQ(segment_files().size(), 1u);
}

TEST_F(LocalJournalTest, EachPartitionThatHoldsBackASegmentThatHasToGoIsTold) {
  const auto journal = open(4096);
  value_of(journal->append(1, make_block(1)));
  for (std::uint64_t i = 2; i <= 20; ++i) value_of(journal->append(0, make_block(i, 1, 100)));
  value_of(journal->append(2, make_block(21)));
  const auto bytes = journal->status().retained_bytes;
  EXPECT_THAT(journal->holding_back(bytes), testing::IsEmpty());
  EXPECT_THAT(journal->holding_back(bytes - 1), testing::ElementsAre(0, 1)) << "the oldest";
  journal->release(0, 1);
  EXPECT_THAT(journal->holding_back(0), testing::ElementsAre(0, 1))
      << "0 holds a later one, 2 only the newest";
  journal->release(0, 19);
  EXPECT_THAT(journal->holding_back(0), testing::ElementsAre(1));
}

TEST_F(LocalJournalTest, AnUnfinishedSegmentIsRemovedAtTheOpen) {
  open().reset();
  std::filesystem::copy_file(path() / "journal-000000000001.log",
                             path() / "journal-000000000002.log.new");
  const auto journal = open();
  ASSERT_NE(journal, nullptr);
  EXPECT_FALSE(std::filesystem::exists(path() / "journal-000000000002.log.new"));
}

TEST_F(LocalJournalTest, ASinkMayUnsubscribeItself) {
  const auto journal = open();
  int calls = 0;
  value_of(journal->subscribe(0, 1, [&](const JournalBlock&) {
    ++calls;
    journal->unsubscribe(0);
  }));
  value_of(journal->append(0, make_block(1)));
  value_of(journal->append(0, make_block(2)));
  EXPECT_EQ(calls, 1);
}

TEST_F(LocalJournalTest, AClosedJournalTellsAsynchronousAppendersAtOnce) {
  const auto journal = open();
  journal->close();
  std::optional<Errc> told;
  EXPECT_TRUE(journal->append_async(0, make_block(1), [&](const auto& number) {
    if (!number) told = number.error().code;
  }));
  EXPECT_EQ(told, Errc::closed);
}

TEST_F(LocalJournalTest, WhatWasTakenAsynchronouslyIsWrittenBeforeTheJournalCloses) {
  auto journal = open();
  std::atomic<int> done{0};
  for (std::uint64_t i = 1; i <= 50; ++i)
    ASSERT_TRUE(journal->append_async(0, make_block(i), [&](const auto& number) {
      if (number) ++done;
    }));
  journal->close();
  EXPECT_EQ(done, 50);
  journal.reset();
  EXPECT_EQ(open()->end(0), 50u);
}

TEST_F(LocalJournalTest, AnAsynchronousAppenderMayAppendAgainWhenItIsTold) {
  auto journal = open();
  std::atomic<int> done{0};
  Journal::Done again = [&](const auto&) {
    if (++done < 10) {
      EXPECT_TRUE(journal->append_async(0, make_block(2), again));
    }
  };
  ASSERT_TRUE(journal->append_async(0, make_block(1), again));
  while (done < 10) std::this_thread::yield();
  EXPECT_EQ(journal->end(0), 10u);
}

TEST_F(LocalJournalTest, WaitingAppendersShareASync) {
  const auto journal = open();
  std::vector<std::pair<PartitionId, Block>> blocks;
  for (std::uint64_t i = 1; i <= 100; ++i) blocks.emplace_back(i % 4, make_block(i));
  value_of(journal->append_all(blocks));
  EXPECT_EQ(journal->status().groups_written, 1u);
  EXPECT_EQ(journal->status().blocks_appended, 100u);
}

}  // namespace
}  // namespace hhgrid::storage::test
