#include "storage/journal/local/local_journal_recovery.hpp"

#include <gmock/gmock.h>

#include "storage/journal/local/local_journal.hpp"
#include "storage/journal/local/segment.hpp"
#include "tests/storage/disk/memory_file_system.hpp"
#include "tests/storage/journal/journal_blocks.hpp"

namespace hhgrid::storage::test {
namespace {

using testing::HasSubstr;

class LocalJournalRecoveryTest : public testing::Test {
 protected:
  static constexpr std::uint64_t segment_bytes = 8192;

  tl::expected<std::unique_ptr<LocalJournal>, Error> try_open() {
    LocalJournalOptions options;
    options.directory = directory_.path();
    options.grid_id = {1, 2};
    options.partition_count = 3;
    options.segment_bytes = segment_bytes;
    options.files = files_;
    return LocalJournal::open(options);
  }
  void open() {
    journal_.reset();
    journal_ = value_of(try_open());
    ASSERT_NE(journal_, nullptr);
  }
  /// Appends blocks 1 ... count of two entries to partition 0, each a group of its own.
  void fill(std::uint64_t count) {
    open();
    for (std::uint64_t i = 1; i <= count; ++i) {
      value_of(journal_->append(0, make_block(i, 2, 40)));
    }
    journal_.reset();
  }
  std::filesystem::path segment_path(std::uint64_t number) const {
    return directory_.path() / segment_name(number);
  }
  std::vector<std::byte>& segment(std::uint64_t number) {
    return files_->content(segment_path(number));
  }
  /// Where the frame of the block begins in the segment.
  std::uint64_t offset_of(std::uint64_t segment_number, std::uint64_t number) {
    const auto& bytes = segment(segment_number);
    const Block block = make_block(number, 2, 40);
    const auto payload = std::as_bytes(std::span(block.words->begin(), block.words->size()));
    const auto at = std::search(bytes.begin(), bytes.end(), payload.begin(), payload.end());
    EXPECT_NE(at, bytes.end());
    return static_cast<std::uint64_t>(at - bytes.begin()) - sizeof(FrameHeader);
  }
  /// The open must fail and leave everything as it was.
  Error refused() {
    const auto before = files_->contents();
    const auto opened = try_open();
    EXPECT_FALSE(opened);
    EXPECT_EQ(files_->contents(), before);
    return opened ? Error{Errc::closed, "it opened"} : opened.error();
  }

  TemporaryDirectory directory_;
  std::shared_ptr<MemoryFileSystem> files_ = std::make_shared<MemoryFileSystem>();
  std::unique_ptr<LocalJournal> journal_;
};

TEST_F(LocalJournalRecoveryTest, ATornLastBlockIsCutOffAndReported) {
  fill(3);
  const auto offset = offset_of(1, 3);
  segment(1)[offset + 100] ^= std::byte{1};
  open();
  EXPECT_EQ(journal_->end(0), 2u);
  EXPECT_EQ(journal_->status().torn_path, segment_path(1));
  EXPECT_EQ(journal_->status().torn_offset, offset);
  EXPECT_EQ(journal_->status().torn_bytes_cut, sizeof(FrameHeader) + 40 * sizeof(capnp::word));
  EXPECT_EQ(journal_->status().blocks_recovered, 2u);
}

TEST_F(LocalJournalRecoveryTest, AfterACutTheJournalGoesOnAndReopensClean) {
  fill(3);
  segment(1)[offset_of(1, 3) + 100] ^= std::byte{1};
  open();
  EXPECT_EQ(value_of(journal_->append(0, make_block(4, 2, 5))), 3u);
  open();
  EXPECT_EQ(journal_->end(0), 3u);
  EXPECT_EQ(journal_->status().torn_bytes_cut, 0u);
  EXPECT_TRUE(same_block(value_of(journal_->read(0, 3, 1)).front().block, make_block(4, 2, 5)));
}

TEST_F(LocalJournalRecoveryTest, DamageBeforeAcknowledgedBlocksIsRefusedWithPathAndOffset) {
  fill(3);
  const auto offset = offset_of(1, 2);
  segment(1)[offset + 100] ^= std::byte{1};
  const Error error = refused();
  EXPECT_EQ(error.code, Errc::damaged);
  EXPECT_THAT(error.text, HasSubstr(segment_path(1).string() + " is damaged at byte " +
                                    std::to_string(offset)));
}

TEST_F(LocalJournalRecoveryTest, DamageInASealedSegmentIsRefused) {
  fill(60);
  ASSERT_GT(files_->names().size(), 2u);
  segment(2)[offset_of(2, 25) + 100] ^= std::byte{1};
  EXPECT_EQ(refused().code, Errc::damaged);
}

TEST_F(LocalJournalRecoveryTest, ASealedSegmentWithoutItsLastBlockIsRefused) {
  fill(60);
  auto& bytes = segment(1);
  bytes.resize(bytes.size() - sizeof(FrameHeader) - 40 * sizeof(capnp::word));
  const Error error = refused();
  EXPECT_EQ(error.code, Errc::damaged);
  EXPECT_THAT(error.text, HasSubstr("the next segment says"));
}

TEST_F(LocalJournalRecoveryTest, AMissingSegmentIsNamed) {
  fill(60);
  files_->erase(segment_path(2));
  const Error error = refused();
  EXPECT_EQ(error.code, Errc::damaged);
  EXPECT_THAT(error.text, HasSubstr(segment_path(2).string() + " is missing"));
}

TEST_F(LocalJournalRecoveryTest, ANewestSegmentThatIsMissingIsNamed) {
  fill(60);
  const auto newest = files_->names().size();
  ASSERT_GT(newest, 2u);
  files_->erase(segment_path(newest));
  const Error error = refused();
  EXPECT_EQ(error.code, Errc::damaged);
  EXPECT_THAT(error.text, HasSubstr(segment_path(newest).string() + " is missing"));
}

TEST_F(LocalJournalRecoveryTest, TheEndsAreReadWithoutChangingAnything) {
  fill(60);
  const auto before = files_->contents();
  LocalJournalOptions options;
  options.directory = directory_.path();
  options.grid_id = {1, 2};
  options.partition_count = 3;
  options.files = files_;
  EXPECT_EQ(value_of(read_journal_ends(options)), (std::vector<BlockNumber>{60, 0, 0}));
  EXPECT_EQ(files_->contents(), before);
  files_->erase(segment_path(2));
  EXPECT_EQ(read_journal_ends(options).error().code, Errc::damaged);
}

TEST_F(LocalJournalRecoveryTest, ASegmentOfAnotherGridIsRefused) {
  fill(1);
  SegmentHeader header;
  std::copy_n(segment(1).begin(), sizeof header, reinterpret_cast<std::byte*>(&header));
  header.grid_id = {9, 9};
  header.checksum = header_checksum(header);
  std::copy_n(reinterpret_cast<const std::byte*>(&header), sizeof header, segment(1).begin());
  EXPECT_EQ(refused().code, Errc::foreign);
}

TEST_F(LocalJournalRecoveryTest, ANewerFormatIsRefused) {
  fill(1);
  segment(1)[offsetof(SegmentHeader, format_version)] = std::byte{9};
  EXPECT_EQ(refused().code, Errc::newer_format);
}

TEST_F(LocalJournalRecoveryTest, AnOlderFormatIsRefusedByName) {
  fill(1);
  segment(1)[offsetof(SegmentHeader, format_version)] = std::byte{segment_format - 1};
  const Error error = refused();
  EXPECT_EQ(error.code, Errc::older_format);
  EXPECT_THAT(error.text, HasSubstr(segment_path(1).string()));
}

TEST_F(LocalJournalRecoveryTest, ASegmentOfAnotherJournalOfTheGridIsRefused) {
  fill(60);
  const auto foreign = segment(2);
  files_ = std::make_shared<MemoryFileSystem>();
  fill(60);
  segment(2) = foreign;
  EXPECT_EQ(refused().code, Errc::foreign);
}

TEST_F(LocalJournalRecoveryTest, DamageAfterTheOpenIsFoundByTheRead) {
  fill(3);
  open();
  const auto offset = offset_of(1, 2);
  segment(1)[offset + 200] ^= std::byte{1};
  const auto blocks = journal_->read(0, 1, SIZE_MAX);
  ASSERT_FALSE(blocks);
  EXPECT_EQ(blocks.error().code, Errc::damaged);
  EXPECT_THAT(blocks.error().text, HasSubstr("at byte " + std::to_string(offset)));
  EXPECT_TRUE(journal_->read(0, 1, 1));
}

TEST_F(LocalJournalRecoveryTest, ANewSegmentWhoseMakerDiedIsSafeToGoOnIn) {
  for (std::uint64_t changes = 0; changes < 14; ++changes) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      std::mt19937_64 random(seed);
      files_ = std::make_shared<MemoryFileSystem>();
      fill(19);
      open();
      files_->changes_until_death = changes;
      (void)journal_->append(1, make_block(1, 1, 1000));  // does not fit into the first segment
      journal_.reset();
      files_->restart();
      open();
      value_of(journal_->append(2, make_block(2)));
      journal_.reset();
      files_->cut_power(random);
      open();
      ASSERT_EQ(journal_->end(2), 1u) << "died after " << changes << " changes, seed " << seed;
    }
  }
}

TEST_F(LocalJournalRecoveryTest, WhereverTheMakerOfASegmentDiedItsLossIsNoticedOnceItHasBlocks) {
  for (std::uint64_t changes = 0; changes < 14; ++changes) {
    SCOPED_TRACE(changes);
    files_ = std::make_shared<MemoryFileSystem>();
    fill(19);
    open();
    files_->changes_until_death = changes;
    (void)journal_->append(1, make_block(1, 1, 1000));
    journal_.reset();
    files_->restart();
    open();
    value_of(journal_->append(1, make_block(2, 1, 1000)));
    journal_.reset();
    ASSERT_GE(files_->names().size(), 2u);
    files_->erase(segment_path(files_->names().size()));
    EXPECT_EQ(refused().code, Errc::damaged);
  }
}

/// What a program did to a journal before its power went, and what must be there after.
class PowerCutModel {
 public:
  explicit PowerCutModel(std::mt19937_64& random) : random_(random) {}

  /// Appends and releases until the disk is dead or some rounds have passed.
  void run(LocalJournal& journal) {
    for (std::uint64_t left = 1 + random_() % 30; left > 0; --left) {
      std::vector<std::pair<PartitionId, Block>> blocks;
      for (std::uint64_t count = 1 + random_() % 4; count > 0; --count) {
        blocks.emplace_back(random_() % 3,
                            make_block(++last_block_, 1 + random_() % 3, 1 + random_() % 200));
      }
      const auto numbers = journal.append_all(blocks);
      if (!numbers) return;
      for (std::size_t i = 0; i < blocks.size(); ++i) {
        acknowledged_[blocks[i].first][(*numbers)[i]] = blocks[i].second;
      }
      if (random_() % 4 == 0) {
        for (PartitionId p = 0; p < 3; ++p) {
          released_[p] = random_() % 2 == 0 ? journal.end(p) : released_[p];
          journal.release(p, released_[p]);
        }
      }
    }
  }

  /// From then on whatever is stored has to stay, also what nobody was told of: readers have seen
  /// it.
  void check(LocalJournal& journal) {
    for (auto& [partition, blocks] : acknowledged_) {
      ASSERT_GE(journal.end(partition), blocks.rbegin()->first);
      const auto released = released_.find(partition);
      BlockNumber next = released == released_.end() ? 1 : released->second + 1;
      for (const auto& stored : value_of(journal.read(partition, next, SIZE_MAX))) {
        ASSERT_EQ(stored.number, next++);
        const auto [acknowledged, is_new] = blocks.emplace(stored.number, stored.block);
        ASSERT_TRUE(is_new || same_block(stored.block, acknowledged->second));
      }
      ASSERT_EQ(next, journal.end(partition) + 1);
      const auto digest = journal.digest(partition, journal.end(partition));
      ASSERT_TRUE(digest);
      if (digest_at_.contains({partition, journal.end(partition)})) {
        ASSERT_EQ(*digest, (digest_at_[{partition, journal.end(partition)}]));
      }
      digest_at_[{partition, journal.end(partition)}] = *digest;
    }
  }

 private:
  std::mt19937_64& random_;
  std::uint64_t last_block_ = 0;
  std::map<PartitionId, std::map<BlockNumber, Block>> acknowledged_;
  std::map<PartitionId, BlockNumber> released_;
  std::map<std::pair<PartitionId, BlockNumber>, std::uint64_t> digest_at_;
};

TEST_F(LocalJournalRecoveryTest, AfterAPowerCutEverythingAcknowledgedOrReadIsThere) {
  std::uint64_t cuts = 0;
  for (std::uint64_t seed = 1; seed <= 25 && !HasFatalFailure(); ++seed) {
    std::mt19937_64 random(seed);
    files_ = std::make_shared<MemoryFileSystem>();
    PowerCutModel model(random);
    for (int round = 0; round < 8 && !HasFatalFailure(); ++round) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
      files_->changes_until_death = random() % 120;
      // The open itself may die too; then the next one has to cope.
      if (auto opened = try_open()) {
        model.run(**opened);
      } else {
        ASSERT_EQ(opened.error().code, Errc::io) << opened.error().text;
      }
      if (random() % 3 == 0) {
        files_->restart();
      } else {
        files_->cut_power(random);
      }
      open();
      if (HasFatalFailure()) return;
      cuts += journal_->status().torn_bytes_cut > 0;
      model.check(*journal_);
      journal_.reset();
    }
  }
  EXPECT_GT(cuts, 10u) << "the test has hardly torn a write";
}

}  // namespace
}  // namespace hhgrid::storage::test
