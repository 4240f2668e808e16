#pragma once

#include <algorithm>
#include <functional>
#include <thread>

#include <gmock/gmock.h>

#include "tests/grid/crash_feed.hpp"
#include "tests/grid/open_grid.hpp"
#include "tests/grid/small_disk.hpp"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::tests {
inline constexpr std::size_t disk_bytes = std::size_t{96} << 20;
inline constexpr auto patience = std::chrono::seconds(20);
inline constexpr std::uint64_t steps_max = 5000;

/// A disk that is full makes the grid wait, lose nothing, and go on when there is room again.
class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.refusal().empty()) GTEST_SKIP() << disk_.refusal();
  }

  actors::GridOptions on_small_disk() const {
    return small_grid(disk_.path() / "grid", crash_partitions);
  }
  /// The journal needs new space all the time, the stores hardly ever.
  actors::GridOptions journal_is_full_first() const {
    auto options = on_small_disk();
    options.journal_segment_bytes = 64 << 10;
    options.memtable_bytes = 16 << 20;
    return options;
  }
  /// The journal has its space already, the stores need more all the time.
  actors::GridOptions stores_are_full_first() const {
    auto options = on_small_disk();
    options.journal_segment_bytes = 16 << 20;
    options.memtable_bytes = 64 << 10;
    return options;
  }

  tl::expected<storage::BlockNumber, storage::Error> append(OpenGrid& grid, std::uint64_t n) {
    auto step = feed_.step(n);
    return grid->append(step.partition, std::move(step.block));
  }
  void feed(OpenGrid& grid, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t n = from; n < to; ++n) {
      const auto appended = append(grid, n);
      ASSERT_TRUE(appended) << appended.error().text;
    }
  }
  /// Feeds until a block is refused; tells which, and why.
  std::pair<std::uint64_t, storage::Error> feed_until_refused(OpenGrid& grid, std::uint64_t from) {
    for (std::uint64_t n = from; n < steps_max; ++n)
      if (auto appended = append(grid, n); !appended) return {n, appended.error()};
    ADD_FAILURE() << "the disk was never full";
    return {};
  }
  /// Waits until it holds: RocksDB looks for room every few seconds.
  static bool within_patience(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }
  /// Waits until no partition is in trouble.
  static bool goes_on(OpenGrid& grid) {
    return within_patience([&] {
      const auto all = grid->status();
      return std::all_of(all.begin(), all.end(),
                         [](const auto& status) { return status.trouble.empty(); });
    });
  }
  /// Every version, meter and block taken, in order: equal for grids that took the same blocks in
  /// the same order. Not where they stand in the journal: what was sent twice stands there twice,
  /// and was dropped.
  static std::map<std::string, std::vector<std::string>> records(OpenGrid& grid) {
    std::map<std::string, std::vector<std::string>> all;
    for (storage::PartitionId p = 0; p <= grid->topology().market(); ++p)
      for (const auto& [family, position_bytes] :
           std::initializer_list<std::pair<storage::Family, std::size_t>>{
               {storage::Family::consumption, sizeof(storage::Position)},
               {storage::Family::actor, 0},
               {storage::Family::block, sizeof(storage::BlockNumber)}}) {
        const std::string place = std::to_string(p) + std::string(to_string(family));
        const std::size_t without = position_bytes;
        EXPECT_TRUE(
            grid->store(p).scan(family, {}, {}, [&](std::string_view key, std::string_view value) {
              all[place + std::string(key.substr(0, key.size() - without))].emplace_back(value);
              return true;
            }));
      }
    return all;
  }
  /// What was fed in spite of the full disk is what a grid holds that never met one, and settles to
  /// the same bits.
  void expect_nothing_lost(OpenGrid& grid, std::uint64_t steps) {
    ASSERT_TRUE(grid->drain());
    OpenGrid other(small_grid(directory_.path() / "other", crash_partitions));
    feed(other, 0, steps);
    ASSERT_TRUE(other->drain());
    EXPECT_EQ(records(grid) == records(other), true) << "after " << steps << " blocks";
    EXPECT_EQ(grid.check(), "");
    EXPECT_EQ(grid.settle(feed_.day()).digest, other.settle(feed_.day()).digest);
  }

  SmallDisk disk_{disk_bytes};
  const storage::test::FastDirectory directory_;
  const CrashFeed feed_{3};
};

}  // namespace hhgrid::tests
