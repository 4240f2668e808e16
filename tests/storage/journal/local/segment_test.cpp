#include "storage/journal/local/segment.hpp"

#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "storage/journal/local/segment_scan.hpp"
#include "storage/journal/local/segment_writer.hpp"
#include "tests/storage/disk/memory_file_system.hpp"
#include "tests/storage/journal/journal_blocks.hpp"

namespace hhgrid::storage::test {
namespace {

TEST(SegmentName, HasTwelveDigitsAndIsReadBack) {
  EXPECT_EQ(segment_name(42), "journal-000000000042.log");
  EXPECT_EQ(parse_segment_name("journal-000000000042.log"), 42u);
}

TEST(SegmentName, OtherFilesAreNotSegments) {
  for (const char* name : {"LOCK", "journal-42.log", "journal-000000000042.log.new",
                           "journal-00000000004x.log", "xournal-000000000042.log", ""}) {
    EXPECT_FALSE(parse_segment_name(name)) << name;
  }
}

TEST(SegmentCheckpoint, IsReadBackAsItWasWritten) {
  Checkpoint checkpoint;
  checkpoint.previous_end = 12345;
  checkpoint.partitions = {{7, 77}, {0, 0}, {9, 99}};
  EXPECT_EQ(decode_checkpoint(encode(checkpoint)), checkpoint);
}

TEST(SegmentCheckpoint, OfTheWrongLengthIsRefused) {
  Checkpoint checkpoint;
  checkpoint.partitions = {{7, 77}, {8, 88}};
  auto words = encode(checkpoint);
  for (std::size_t size = 0; size < words.size(); ++size) {
    EXPECT_FALSE(decode_checkpoint(std::span(words).first(size))) << size;
  }
  words.push_back(0);
  EXPECT_FALSE(decode_checkpoint(words));
}

TEST(SegmentCheckpoint, ThatClaimsTooManyPartitionsIsRefused) {
  const std::vector<std::uint64_t> words{0, std::uint64_t{1} << 62, 5, 6};
  EXPECT_FALSE(decode_checkpoint(words));
}

/// A segment of groups of blocks on a disk in memory.
class SegmentScanTest : public testing::Test {
 protected:
  static constexpr std::uint64_t segment_bytes = 1 << 16;
  static constexpr std::size_t words = 50;

  SegmentScanTest() {
    SegmentWriter writer({files_, directory_, {1, 2}, {3, 4}, 1, segment_bytes});
    EXPECT_TRUE(writer.start(1, Checkpoint{.previous_end = 0, .partitions = {{}}}));
    path_ = writer.segment().path;
    // Groups of 1, 2 and 3 blocks.
    for (std::size_t count = 1; count <= 3; ++count) {
      std::vector<Block> blocks;
      std::vector<PendingFrame> frames;
      for (std::size_t i = 0; i < count; ++i) {
        blocks.push_back(make_block(offsets_.size() + i + 1, 1, words));
        frames.push_back(frame_of(blocks.back(), offsets_.size() + i + 1));
      }
      EXPECT_TRUE(writer.append(frames));
      for (const auto& frame : frames) offsets_.push_back(frame.offset);
    }
    end_ = writer.segment().end;
  }

  static PendingFrame frame_of(const Block& block, BlockNumber number) {
    PendingFrame frame;
    frame.payload = std::as_bytes(std::span(block.words->begin(), block.words->size()));
    frame.payload_hash = hash_payload(frame.payload);
    frame.header.block = number;
    frame.header.entry_count = block.entry_count;
    frame.header.payload_bytes = static_cast<std::uint32_t>(frame.payload.size());
    frame.header.total_bytes = frame.header.payload_bytes + sizeof(FrameHeader);
    return frame;
  }

  void flip(std::uint64_t offset) { files_->content(path_)[offset] ^= std::byte{4}; }

  /// Scans as the last segment; counts the frames in `found_`.
  tl::expected<SegmentTail, Error> scan() {
    auto file = files_->open(path_, OpenMode::read);
    auto head = read_segment_head(**file, path_, 1, {1, 2}, 1);
    if (!head) return tl::unexpected(head.error());
    found_ = 0;
    return scan_last_segment(**file, path_, 1, head->frames_offset, counter());
  }
  OnFrame counter() {
    return [this](std::uint64_t offset, const FrameHeader& header) -> tl::expected<void, Error> {
      EXPECT_EQ(offset, offsets_[found_]);
      EXPECT_EQ(header.block, ++found_);
      return {};
    };
  }
  Errc code_of(const tl::expected<SegmentTail, Error>& result) {
    EXPECT_FALSE(result);
    return result ? Errc::closed : result.error().code;
  }

  std::shared_ptr<MemoryFileSystem> files_ = std::make_shared<MemoryFileSystem>();
  std::filesystem::path directory_ = "/segments", path_;
  std::vector<std::uint64_t> offsets_;
  std::uint64_t end_ = 0;
  std::size_t found_ = 0;
};

TEST_F(SegmentScanTest, FindsEveryFrameAndACleanEnd) {
  const auto tail = value_of(scan());
  EXPECT_EQ(found_, 6u);
  EXPECT_EQ(tail.end, end_);
  EXPECT_EQ(tail.torn_bytes, 0u);
}

TEST_F(SegmentScanTest, AnyFlippedBitInAnEarlierGroupIsDamage) {
  for (std::uint64_t at = offsets_[0]; at < offsets_[3]; at += 5) {
    flip(at);
    ASSERT_EQ(code_of(scan()), Errc::damaged) << at;
    flip(at);
  }
}

TEST_F(SegmentScanTest, DamageIsNamedByPathAndOffset) {
  flip(offsets_[1] + 100);
  const auto scanned = scan();
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().text.find(path_.string() + " is damaged at byte " +
                                      std::to_string(offsets_[1])),
            0u)
      << scanned.error().text;
}

TEST_F(SegmentScanTest, AFrameThatDoesNotHoldInTheLastGroupIsTorn) {
  for (std::size_t i = 3; i < 6; ++i) {
    for (const std::uint64_t within : {0u, 4u, 8u, 63u, 64u, 200u}) {
      flip(offsets_[i] + within);
      const auto tail = value_of(scan());
      EXPECT_EQ(tail.end, offsets_[i]);
      EXPECT_GT(tail.torn_bytes, 0u);
      EXPECT_EQ(found_, i);
      flip(offsets_[i] + within);
    }
  }
}

TEST_F(SegmentScanTest, AFileCutWithinTheLastGroupIsTornAtAnyByte) {
  for (std::uint64_t size = end_ - 1; size > offsets_[3]; size -= 3) {
    files_->content(path_).resize(size);
    const auto tail = value_of(scan());
    const auto whole =
        std::upper_bound(offsets_.begin(), offsets_.end(), size) - offsets_.begin() - 1;
    ASSERT_EQ(tail.end, offsets_[static_cast<std::size_t>(whole)]) << size;
    ASSERT_LE(tail.end + tail.torn_bytes, size);
  }
}

TEST_F(SegmentScanTest, ZerosOverAcknowledgedFramesAreDamage) {
  auto& content = files_->content(path_);
  std::fill(content.begin() + static_cast<std::ptrdiff_t>(offsets_[0]),
            content.begin() + static_cast<std::ptrdiff_t>(offsets_[3]), std::byte{0});
  EXPECT_EQ(code_of(scan()), Errc::damaged);
}

TEST_F(SegmentScanTest, AFrameAtAnotherPlaceDoesNotHold) {
  auto& content = files_->content(path_);
  const auto at = [&](std::uint64_t offset) {
    return content.begin() + static_cast<std::ptrdiff_t>(offset);
  };
  std::copy(at(offsets_[5]), at(end_), at(end_));
  const auto tail = value_of(scan());
  EXPECT_EQ(found_, 6u);
  EXPECT_EQ(tail.end, end_);
  EXPECT_EQ(tail.torn_bytes, end_ - offsets_[5]);
}

TEST_F(SegmentScanTest, AFollowedSegmentMustReachWhereTheNextSays) {
  auto file = files_->open(path_, OpenMode::read);
  EXPECT_TRUE(scan_followed_segment(**file, path_, 1, offsets_[0], end_, counter()));
  found_ = 0;
  const auto short_of = scan_followed_segment(**file, path_, 1, offsets_[0], end_ + 64, counter());
  ASSERT_FALSE(short_of);
  EXPECT_EQ(short_of.error().code, Errc::damaged);
}

TEST_F(SegmentScanTest, AFollowedSegmentSaysWhetherItIsSealed) {
  auto file = files_->open(path_, OpenMode::write);
  EXPECT_FALSE(value_of(scan_followed_segment(**file, path_, 1, offsets_[0], end_, counter())));
  ASSERT_TRUE(SegmentWriter::seal(**file, 1, end_));
  found_ = 0;
  EXPECT_TRUE(value_of(scan_followed_segment(**file, path_, 1, offsets_[0], end_, counter())));
}

TEST_F(SegmentScanTest, ASealedSegmentThatIsTheLastHasLostItsSuccessor) {
  auto file = files_->open(path_, OpenMode::write);
  ASSERT_TRUE(SegmentWriter::seal(**file, 1, end_));
  const auto scanned = scan();
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().code, Errc::damaged);
  EXPECT_EQ(scanned.error().text.find("/segments/" + segment_name(2) + " is missing"), 0u)
      << scanned.error().text;
}

TEST_F(SegmentScanTest, ASealBehindDamagedBlocksProvesThatTheyWereStored) {
  auto file = files_->open(path_, OpenMode::write);
  ASSERT_TRUE(SegmentWriter::seal(**file, 1, end_));
  flip(offsets_[5] + 100);
  EXPECT_EQ(code_of(scan()), Errc::damaged);
}

TEST_F(SegmentScanTest, AnyFlippedBitInTheHeadIsRefused) {
  for (std::uint64_t at = 0; at < offsets_[0]; ++at) {
    flip(at);
    ASSERT_FALSE(scan()) << at;
    flip(at);
  }
}

TEST_F(SegmentScanTest, ANewerFormatIsNamed) {
  SegmentHeader header;
  auto& content = files_->content(path_);
  std::memcpy(&header, content.data(), sizeof header);
  header.format_version = segment_format + 1;
  header.checksum = header_checksum(header);
  std::memcpy(content.data(), &header, sizeof header);
  const auto scanned = scan();
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().code, Errc::newer_format);
  EXPECT_NE(scanned.error().text.find("format 3"), std::string::npos);
}

TEST_F(SegmentScanTest, AnotherFileIsForeign) {
  files_->content(path_).assign(1000, std::byte{'x'});
  EXPECT_EQ(code_of(scan()), Errc::foreign);
}

TEST_F(SegmentScanTest, AHeadThatIsCutIsDamage) {
  files_->content(path_).resize(40);
  EXPECT_EQ(code_of(scan()), Errc::damaged);
}

}  // namespace
}  // namespace hhgrid::storage::test
