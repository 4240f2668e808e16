#include "tests/grid/full_disk_fixture.hpp"

namespace hhgrid::tests {
namespace {

using storage::Errc;
using testing::HasSubstr;

TEST_F(FullDisk, AFullJournalRefusesBlocksAndTakesTheSameOnesWhenThereIsRoom) {
  OpenGrid grid(journal_is_full_first());
  feed(grid, 0, feed_.opening_steps());
  ASSERT_TRUE(grid->drain());  // every store is open that opens when it is needed
  disk_.fill(256 << 10);
  const auto [refused, error] = feed_until_refused(grid, feed_.opening_steps());
  EXPECT_EQ(error.code, Errc::no_space) << error.text;
  EXPECT_THAT(error.text, HasSubstr(disk_.path().string()));
  EXPECT_EQ(append(grid, refused).error().code, Errc::no_space) << "as long as it is full";
  EXPECT_TRUE(grid->drain()) << "what was taken is applied";
  disk_.make_room();
  feed(grid, refused - 3, refused + 300);  // the last ones again: they are stored once
  expect_nothing_lost(grid, refused + 300);
}

TEST_F(FullDisk, AGridClosesSoonOnAFullDiskAndItsJournalHoldsTheRest) {
  std::uint64_t refused = 0;
  {
    OpenGrid grid(stores_are_full_first());
    feed(grid, 0, feed_.opening_steps());
    ASSERT_TRUE(grid->drain());  // every store is open that opens when it is needed
    disk_.fill(0);
    refused = feed_until_refused(grid, feed_.opening_steps()).first;
    const auto begin = std::chrono::steady_clock::now();
    grid.close();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  }
  disk_.make_room();
  OpenGrid grid(stores_are_full_first());
  feed(grid, refused, refused + 50);
  expect_nothing_lost(grid, refused + 50);
}

TEST_F(FullDisk, OpeningOnAFullDiskFailsWithTheReasonAndLosesNothing) {
  const auto steps = feed_.opening_steps() + 20;
  {
    OpenGrid grid(stores_are_full_first());
    feed(grid, 0, steps);
  }
  disk_.fill(0);
  const auto error = refusal_to_open(stores_are_full_first());
  EXPECT_EQ(error.code, Errc::no_space) << error.text;
  EXPECT_THAT(error.text, HasSubstr(disk_.path().string()));
  disk_.make_room();
  OpenGrid grid(stores_are_full_first());
  expect_nothing_lost(grid, steps);
}

TEST_F(FullDisk, AStoreThatCannotFlushMakesItsPartitionWaitAndGoOnWhenThereIsRoom) {
  OpenGrid grid(stores_are_full_first());
  feed(grid, 0, feed_.opening_steps());
  ASSERT_TRUE(grid->drain());  // every store is open that opens when it is needed
  disk_.fill(64 << 10);
  const auto [refused, error] = feed_until_refused(grid, feed_.opening_steps());
  EXPECT_EQ(error.code, Errc::no_space) << error.text;
  EXPECT_THAT(error.text, HasSubstr(disk_.path().string()));
  EXPECT_THAT(error.text, HasSubstr("the disk is full"));
  const auto drained = grid->drain();
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().code, Errc::no_space);
  std::string trouble;
  for (const auto& status : grid->status()) trouble += status.trouble;
  EXPECT_THAT(trouble, HasSubstr("the disk is full"));
  disk_.make_room();
  ASSERT_TRUE(goes_on(grid));
  feed(grid, refused - 3, refused + 300);
  expect_nothing_lost(grid, refused + 300);
}

TEST_F(FullDisk, AGridThatWasFullTwiceHoldsEverything) {
  OpenGrid grid(stores_are_full_first());
  feed(grid, 0, feed_.opening_steps());
  ASSERT_TRUE(grid->drain());  // every store is open that opens when it is needed
  std::uint64_t next = feed_.opening_steps();
  for (int i = 0; i < 2; ++i) {
    disk_.fill(64 << 10);
    next = feed_until_refused(grid, next).first;
    disk_.make_room();
    ASSERT_TRUE(goes_on(grid));
  }
  feed(grid, next, next + 50);
  expect_nothing_lost(grid, next + 50);
}

TEST_F(FullDisk, ACheckpointOnAFullDiskIsAnErrorAndWorksLater) {
  OpenGrid grid(journal_is_full_first());
  feed(grid, 0, feed_.opening_steps());
  ASSERT_TRUE(grid->drain());  // every store is open that opens when it is needed
  ASSERT_TRUE(grid->drain());
  disk_.fill(0);
  const auto refused = grid->checkpoint();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::no_space) << refused.error().text;
  disk_.make_room();
  EXPECT_TRUE(within_patience([&] { return grid->checkpoint().has_value(); }));
  for (const auto& status : grid->status()) EXPECT_EQ(status.durable, status.applied);
  expect_nothing_lost(grid, feed_.opening_steps());
}

}  // namespace
}  // namespace hhgrid::tests
