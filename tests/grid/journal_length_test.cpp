#include <chrono>
#include <future>
#include <thread>

#include <gmock/gmock.h>

#include "core/partitioning.hpp"
#include "tests/grid/crash_feed.hpp"
#include "tests/grid/open_grid.hpp"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::tests {
namespace {

constexpr std::size_t segment_bytes = 512 << 10;
constexpr std::size_t journal_bytes_max = 4 * segment_bytes;
constexpr auto deletion_time_max = std::chrono::seconds(20);

std::uintmax_t journal_bytes(const std::filesystem::path& grid) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(grid / "journal"))
    if (file.is_regular_file()) bytes += file.file_size();
  return bytes;
}

/// Segments are deleted behind flushes, on another thread.
bool becomes_short(const std::filesystem::path& grid) {
  const auto until = std::chrono::steady_clock::now() + deletion_time_max;
  while (journal_bytes(grid) > journal_bytes_max + 2 * segment_bytes) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

/// Memtables so large that no store flushes by itself: only the journal's length makes it.
actors::GridOptions lazy_stores(const std::filesystem::path& directory) {
  auto options = small_grid(directory, crash_partitions);
  options.memtable_bytes = 64 << 20;
  options.journal_segment_bytes = segment_bytes;
  options.journal_bytes_max = journal_bytes_max;
  return options;
}

class JournalLength : public testing::Test {
 protected:
  void feed(OpenGrid& grid, std::uint64_t from, std::uint64_t to) {
    append(grid, from, to);
    ASSERT_TRUE(grid->drain());
  }
  void append(OpenGrid& grid, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t n = from; n < to; ++n) {
      auto step = feed_.step(n);
      appended_bytes_ += step.block.words->asBytes().size();
      const auto appended = grid->append(step.partition, std::move(step.block));
      ASSERT_TRUE(appended) << appended.error().text;
    }
  }
  /// From here on all partitions but one get nothing.
  void feed_one_partition(OpenGrid& grid, std::uint64_t from, std::uint64_t count) {
    const auto chosen = feed_.step(from).partition;
    for (std::uint64_t n = from; count > 0; ++n) {
      auto step = feed_.step(n);
      if (step.partition != chosen) continue;
      --count;
      appended_bytes_ += step.block.words->asBytes().size();
      ASSERT_TRUE(grid->append(step.partition, std::move(step.block)));
    }
    ASSERT_TRUE(grid->drain());
  }

  const storage::test::FastDirectory directory_;
  const std::filesystem::path grid_ = directory_.path() / "grid";
  const CrashFeed feed_{11};
  std::size_t appended_bytes_ = 0;
};

TEST_F(JournalLength, StoresAreFlushedWhenTheJournalGrowsTooLongSoThatItShrinks) {
  OpenGrid grid(lazy_stores(grid_));
  feed(grid, 0, feed_.opening_steps() + 4000);
  EXPECT_TRUE(becomes_short(grid_)) << journal_bytes(grid_) << " bytes";
  EXPECT_GT(appended_bytes_, 2 * journal_bytes_max) << "or the test shows nothing";
  EXPECT_EQ(grid.check(), "");
}

TEST_F(JournalLength, APartitionThatReceivesNothingMoreDoesNotHoldSegmentsBack) {
  OpenGrid grid(lazy_stores(grid_));
  feed(grid, 0, feed_.opening_steps());
  feed_one_partition(grid, feed_.opening_steps(), 2500);
  EXPECT_TRUE(becomes_short(grid_)) << journal_bytes(grid_) << " bytes";
  EXPECT_GT(appended_bytes_, 2 * journal_bytes_max) << "or the test shows nothing";
}

/// The slow partition alone holds the oldest segment all the time; once it has caught up, nothing
/// is appended any more.
TEST_F(JournalLength, PartitionsThatHoldLaterSegmentsDoNotWaitForTheSlowestOne) {
  std::promise<void> go_on;
  auto options = lazy_stores(grid_);
  options.before_turn = [may_go_on = go_on.get_future().share()](core::Mpan mpan) {
    if (core::meter_partition(mpan, crash_partitions) == 0) may_go_on.wait();
  };
  OpenGrid grid(options);
  append(grid, 0, feed_.opening_steps() + 4000);
  EXPECT_GT(journal_bytes(grid_), 2 * journal_bytes_max) << "or the test shows nothing";
  go_on.set_value();
  ASSERT_TRUE(grid->drain());
  EXPECT_TRUE(becomes_short(grid_)) << journal_bytes(grid_) << " bytes";
}

TEST_F(JournalLength, AfterARestartPartitionsThatStayIdleDoNotHoldSegmentsBack) {
  {
    OpenGrid grid(lazy_stores(grid_));
    feed(grid, 0, feed_.opening_steps());
  }
  OpenGrid grid(lazy_stores(grid_));
  feed_one_partition(grid, feed_.opening_steps(), 2500);
  EXPECT_TRUE(becomes_short(grid_)) << journal_bytes(grid_) << " bytes";
  EXPECT_GT(appended_bytes_, 2 * journal_bytes_max) << "or the test shows nothing";
}

}  // namespace
}  // namespace hhgrid::tests
