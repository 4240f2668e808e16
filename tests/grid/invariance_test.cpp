#include <gmock/gmock.h>

#include "tests/grid/open_grid.hpp"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::tests {
namespace {

/// What must not change a single bit of a settlement run. Each test feeds one world in one way and
/// compares its run with that of the plain way.
class Invariance : public testing::Test {
 protected:
  struct Way {
    storage::PartitionId partitions = 3;
    std::uint32_t entries_max = 40;
    std::uint64_t shuffle = 0;
    int deliveries = 1;
    std::function<void(actors::GridOptions&)> tune;
  };
  struct Outcome {
    std::uint64_t digest = 0;
    std::map<std::string, std::string> results, counting;
  };

  Outcome settle(const Way& way) {
    auto options = small_grid(directory_.path() / std::to_string(grids_++), way.partitions);
    if (way.tune) way.tune(options);
    OpenGrid grid(options);
    const auto in_time = batches(
        world_.in_time(),
        {.partitions = way.partitions, .entries_max = way.entries_max, .shuffle = way.shuffle});
    const auto late = batches(
        world_.late(),
        {.partitions = way.partitions, .entries_max = way.entries_max, .shuffle = way.shuffle});
    for (int i = 0; i < way.deliveries; ++i) grid.feed(in_time);
    for (int i = 0; i < way.deliveries; ++i) grid.feed(late);
    const auto run = grid.settle(world_.day());
    EXPECT_EQ(grid.audit(run.number), "");
    EXPECT_EQ(grid.check(), "");
    for (const auto& status : grid->status()) EXPECT_EQ(status.dead_letters, 0u);
    return {run.digest, grid.results(run.number), counting_values(grid, world_)};
  }
  void expect_like_plain(const Way& way) {
    const Outcome plain = settle({});
    ASSERT_GT(plain.results.size(), 100u);
    const Outcome other = settle(way);
    EXPECT_EQ(other.digest, plain.digest);
    EXPECT_TRUE(other.results == plain.results);
    EXPECT_TRUE(other.counting == plain.counting);
  }

  const World world_{{}};
  const storage::test::FastDirectory directory_;
  int grids_ = 0;
};

TEST_F(Invariance, OnePartitionGivesTheSameBits) { expect_like_plain({.partitions = 1}); }
TEST_F(Invariance, SixteenPartitionsGiveTheSameBits) { expect_like_plain({.partitions = 16}); }
TEST_F(Invariance, BlocksOfOneEntryGiveTheSameBits) { expect_like_plain({.entries_max = 1}); }
TEST_F(Invariance, BlocksOfSevenEntriesGiveTheSameBits) { expect_like_plain({.entries_max = 7}); }
TEST_F(Invariance, BlocksOfThousandsOfEntriesGiveTheSameBits) {
  expect_like_plain({.entries_max = 4096});
}
TEST_F(Invariance, AnyOrderOfIndependentEntriesGivesTheSameBits) {
  expect_like_plain({.shuffle = 3});
}
TEST_F(Invariance, AnyOrderInOtherBlocksAndPartitionsGivesTheSameBits) {
  expect_like_plain({.partitions = 2, .entries_max = 13, .shuffle = 8});
}
TEST_F(Invariance, RepeatedAppendsGiveTheSameBits) { expect_like_plain({.deliveries = 3}); }
TEST_F(Invariance, PassivationOfEveryMeterGivesTheSameBits) {
  expect_like_plain({.tune = [](actors::GridOptions& options) { options.resident_bytes_max = 1; }});
}
TEST_F(Invariance, ALedgerThatKeepsOneDayInMemoryGivesTheSameBits) {
  expect_like_plain({.tune = [](actors::GridOptions& options) { options.ledger_days_max = 1; }});
}
TEST_F(Invariance, FlushesAllTheTimeGiveTheSameBits) {
  expect_like_plain({.tune = [](actors::GridOptions& options) {
    options.memtable_bytes = 64 << 10;
    options.journal_segment_bytes = 64 << 10;
  }});
}

TEST_F(Invariance, RepeatedAppendsTakeNothingFromTheBacklog) {
  auto options = small_grid(directory_.path() / "repeats");
  options.backlog_bytes_max = 64 << 10;
  OpenGrid grid(options);
  const auto in_time = batches(world_.in_time(), {});
  grid.feed(in_time);
  std::uint64_t bytes = 0;
  while (bytes <
         4 * options.backlog_bytes_max)  // would wait for ever if repeats counted as backlog
    for (const auto& [partition, block] : in_time) {
      ASSERT_TRUE(grid->append(partition, block));
      bytes += block.words->asBytes().size() / (options.partitions + 1u);
    }
  EXPECT_TRUE(grid->drain());
}

TEST_F(Invariance, ClosingAndOpeningInBetweenGivesTheSameBits) {
  const Outcome plain = settle({});
  const auto options = small_grid(directory_.path() / "reopened");
  const auto in_time = batches(world_.in_time(), {});
  const auto late = batches(world_.late(), {});
  for (std::size_t from = 0; from < in_time.size(); from += in_time.size() / 4 + 1) {
    OpenGrid grid(options);
    for (std::size_t i = from; i < std::min(in_time.size(), from + in_time.size() / 4 + 1); ++i)
      ASSERT_TRUE(grid->append(in_time[i].partition, in_time[i].block));
  }
  OpenGrid grid(options);
  grid.feed(late);
  const auto run = grid.settle(world_.day());
  EXPECT_EQ(run.digest, plain.digest);
  EXPECT_TRUE(grid.results(run.number) == plain.results);
}

}  // namespace
}  // namespace hhgrid::tests
