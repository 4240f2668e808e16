#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include "storage/journal/journal.hpp"

namespace hhgrid::actors {

/// What a block counts in a backlog.
inline std::size_t bytes_of(const storage::JournalBlock& block) {
  return block.block.words->size() * sizeof(capnp::word);
}

/// How far a partition has come, shared between its actor and those who feed it or wait for it.
/// Thread-safe.
class Progress {
 public:
  /// Waits until less than `bytes_max` is durable but not applied. Error: the trouble that it met
  /// instead.
  tl::expected<void, storage::Error> wait_for_room(std::size_t bytes_max);
  /// A block is durable and on its way to the partition.
  void appended(std::size_t bytes);
  void applied(storage::BlockNumber block, std::size_t bytes);
  /// The last block applied.
  storage::BlockNumber block() const { return block_.load(); }
  void sent(std::size_t blocks);
  void delivered(std::size_t blocks);
  std::size_t on_the_way() const { return on_the_way_.load(); }
  /// Why the partition has stopped or waits; empty when it runs.
  void set_trouble(std::string text, storage::Errc code);
  void clear_trouble();
  /// The same of the courier, on whom every partition depends; nothing: it runs.
  void set_courier_trouble(std::optional<storage::Error> trouble);
  /// The partition's own trouble.
  std::optional<storage::Error> own_trouble() const;
  /// The partition's own trouble, else the courier's.
  std::optional<storage::Error> trouble() const;
  /// Waits a while or until something changed.
  void wait(std::chrono::milliseconds at_most);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<storage::BlockNumber> block_{0};
  std::atomic<std::size_t> backlog_bytes_{0};
  std::atomic<std::size_t> on_the_way_{0};
  const std::optional<storage::Error>& any_trouble() const;  // with the lock held

  std::optional<storage::Error> trouble_, courier_trouble_;
};

}  // namespace hhgrid::actors
