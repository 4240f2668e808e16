#include "net/ingest/block_sender.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <mutex>

#include <gtest/gtest.h>

namespace hhgrid::net {
namespace {

using storage::Block;
using storage::BlockNumber;
using storage::Errc;
using storage::Error;
using storage::PartitionId;

constexpr std::size_t block_words = 16;

Block block(std::uint32_t number) {
  auto words =
      std::make_shared<const kj::Array<capnp::word>>(kj::heapArray<capnp::word>(block_words));
  return {number + 1, std::move(words)};
}

/// Remembers what was appended, by partition.
class Log {
 public:
  tl::expected<BlockNumber, Error> take(PartitionId partition, const Block& taken) {
    const std::lock_guard lock(mutex_);
    taken_[partition].push_back(taken.entry_count - 1);
    return taken_[partition].size();
  }
  std::vector<std::uint64_t> of(PartitionId partition) {
    const std::lock_guard lock(mutex_);
    return taken_[partition];
  }

 private:
  std::mutex mutex_;
  std::map<PartitionId, std::vector<std::uint64_t>> taken_;
};

TEST(BlockSender, AppendsTheBlocksOfAPartitionInTheOrderSent) {
  Log log;
  BlockSender sender([&](auto partition, auto sent) { return log.take(partition, sent); }, 3,
                     1 << 20);
  for (std::uint32_t n = 0; n < 1000; ++n)
    ASSERT_TRUE(sender.send(static_cast<PartitionId>(n % 7), block(n)).has_value());
  ASSERT_TRUE(sender.finish().has_value());
  for (PartitionId partition = 0; partition < 7; ++partition) {
    const auto taken = log.of(partition);
    ASSERT_GE(taken.size(), 142u);
    for (std::size_t i = 0; i < taken.size(); ++i) EXPECT_EQ(taken[i], i * 7 + partition);
  }
}

TEST(BlockSender, FinishesOnlyWhenEverythingIsAppended) {
  std::atomic<int> appended = 0;
  BlockSender sender(
      [&](auto, auto) -> tl::expected<BlockNumber, Error> {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        ++appended;
        return 1;
      },
      2, 1 << 20);
  for (std::uint32_t n = 0; n < 10; ++n) ASSERT_TRUE(sender.send(0, block(n)).has_value());
  ASSERT_TRUE(sender.finish().has_value());
  EXPECT_EQ(appended, 10);
}

TEST(BlockSender, TellsTheFirstErrorAndAppendsNothingMore) {
  std::atomic<int> calls = 0;
  BlockSender sender(
      [&](auto, auto) -> tl::expected<BlockNumber, Error> {
        ++calls;
        return tl::unexpected(Error{Errc::no_space, "the disk is full"});
      },
      1, 1 << 20);
  ASSERT_TRUE(sender.send(0, block(1)).has_value());
  const auto finished = sender.finish();
  ASSERT_FALSE(finished.has_value());
  EXPECT_EQ(finished.error().text, "the disk is full");
  EXPECT_FALSE(sender.send(1, block(2)).has_value());
  EXPECT_FALSE(sender.finish().has_value());
  EXPECT_EQ(calls, 1);
}

TEST(BlockSender, HoldsTheSenderBackWhenTooMuchWaits) {
  std::promise<void> gate;
  const auto open = gate.get_future().share();
  BlockSender sender(
      [&](auto, auto) -> tl::expected<BlockNumber, Error> {
        open.wait();
        return 1;
      },
      1, block_words * sizeof(capnp::word));
  ASSERT_TRUE(sender.send(0, block(1)).has_value());
  auto second =
      std::async(std::launch::async, [&] { return sender.send(0, block(2)).has_value(); });
  EXPECT_EQ(second.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  gate.set_value();
  EXPECT_TRUE(second.get());
  EXPECT_TRUE(sender.finish().has_value());
}

}  // namespace
}  // namespace hhgrid::net
