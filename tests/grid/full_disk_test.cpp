#include "tests/grid/full_disk_fixture.hpp"

namespace hhgrid::tests {
namespace {

using storage::Errc;
using testing::HasSubstr;

TEST_F(FullDisk, AFullJournalRefusesBlocksAndTakesTheSameOnesWhenThereIsRoom) {
  OpenGrid grid(journal_is_full_first());
  feed(grid, 0, feed_.opening_steps());
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

}  // namespace
}  // namespace hhgrid::tests
