#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <tl/expected.hpp>

#include "storage/journal/journal.hpp"
#include "storage/wire/error.hpp"

namespace hhgrid::net {

/// Appends blocks on threads of its own, so that reading goes on while a block becomes durable.
/// Blocks of one partition are appended in the order in which they were sent.
class BlockSender {
 public:
  /// Returns when the block is durable, or says why it is not.
  using Append = std::function<tl::expected<storage::BlockNumber, storage::Error>(
      storage::PartitionId, storage::Block)>;

  /// `bytes_max`: so much may wait per thread; `send` blocks beyond it.
  BlockSender(Append append, std::size_t threads, std::size_t bytes_max);
  /// Appends what was sent before.
  ~BlockSender();
  BlockSender(const BlockSender&) = delete;
  BlockSender& operator=(const BlockSender&) = delete;

  /// Takes a block. The error is that of an earlier block: after one, nothing more is appended.
  tl::expected<void, storage::Error> send(storage::PartitionId partition, storage::Block block);
  /// Waits until everything sent is durable. Error: the first that there was.
  tl::expected<void, storage::Error> finish();

 private:
  struct Lane {
    std::deque<std::pair<storage::PartitionId, storage::Block>> blocks;
    std::size_t bytes = 0;
    bool busy = false;
  };
  void work(Lane& lane);
  tl::expected<void, storage::Error> outcome() const;

  Append append_;
  std::size_t bytes_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Lane> lanes_;
  std::optional<storage::Error> error_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // after what they use
};

}  // namespace hhgrid::net
