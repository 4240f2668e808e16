#include "net/ingest/feed.hpp"

#include <mutex>

#include <gtest/gtest.h>

#include "storage/wire/entry_codec.hpp"

namespace hhgrid::net {
namespace {

/// Takes what a grid takes.
class Taker {
 public:
  storage::Topology topology() const { return storage::Topology(2); }
  bool delivers_once() const { return true; }
  tl::expected<storage::BlockNumber, storage::Error> append(storage::PartitionId partition,
                                                            storage::Block block) {
    const std::lock_guard lock(mutex_);
    if (refuses_) return tl::unexpected(storage::Error{storage::Errc::no_space, "full"});
    blocks_.emplace_back(partition, std::move(block));
    return blocks_.size();
  }
  void refuse() {
    const std::lock_guard lock(mutex_);
    refuses_ = true;
  }
  const std::vector<std::pair<storage::PartitionId, storage::Block>>& blocks() const {
    return blocks_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<storage::PartitionId, storage::Block>> blocks_;
  bool refuses_ = false;
};

class FeedTest : public ::testing::Test {
 protected:
  static SessionOptions options() {
    SessionOptions options;
    options.block_entries_max = 10;
    options.clock = [] { return core::Instant{1}; };
    return options;
  }
  void add(Feed& feed, int count) {
    for (int i = 0; i < count; ++i)
      static_cast<void>(feed.session().add_market(
          storage::encode_bank_holiday({20'000 + i, "a holiday"}, scratch_)));
  }

  storage::EntryScratch scratch_;
  Taker taker_;
};

TEST_F(FeedTest, WhatWasAddedIsDurableAfterFinish) {
  Feed feed(taker_, options());
  add(feed, 25);
  ASSERT_TRUE(feed.finish());
  EXPECT_EQ(feed.entries(), 25u);
  ASSERT_EQ(taker_.blocks().size(), 3u);
  for (const auto& [partition, block] : taker_.blocks())
    EXPECT_EQ(partition, taker_.topology().market());
  EXPECT_TRUE(storage::BlockView(taker_.blocks().back().second).ends_sender());
}

TEST_F(FeedTest, WhatIsNotTakenIsToldByFinish) {
  Feed feed(taker_, options());
  add(feed, 5);
  taker_.refuse();
  const auto finished = feed.finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, storage::Errc::no_space);
  EXPECT_TRUE(taker_.blocks().empty());
}

}  // namespace
}  // namespace hhgrid::net
