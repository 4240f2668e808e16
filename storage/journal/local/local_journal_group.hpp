#pragma once

#include "storage/journal/local/local_journal.hpp"
#include "storage/journal/local/segment_writer.hpp"

namespace hhgrid::storage {

inline std::span<const std::byte> payload_of(const Block& block) {
  return std::as_bytes(std::span(block.words->begin(), block.words->size()));
}

/// One call of append_all, on its thread's stack while that waits, or of append_async.
struct LocalJournal::Waiter {
  std::span<const std::pair<PartitionId, Block>> blocks;
  std::vector<std::uint64_t> payload_hashes;
  std::uint64_t bytes = 0;
  AsyncAppend* async = nullptr;  ///< Whose it is, when nobody waits for it.

  std::vector<BlockNumber> numbers;
  std::optional<Error> error;
  bool done = false;
  std::condition_variable wake;

  void add(const Block& block) {
    const auto payload = payload_of(block);
    payload_hashes.push_back(hash_payload(payload));
    bytes += sizeof(FrameHeader) + payload.size();
  }
};

struct LocalJournal::AsyncAppend {
  std::pair<PartitionId, Block> block;
  Done on_done;
  Waiter waiter;
};

/// A subscriber. Calls of the sink and its end exclude each other, except that a sink may end
/// itself.
struct LocalJournal::Subscription {
  explicit Subscription(Sink to) : sink(std::move(to)) {}

  void deliver(const JournalBlock& block) {
    std::lock_guard lock(running);
    if (active) sink(block);
  }
  void end() {
    std::lock_guard lock(running);
    active = false;
  }

  std::recursive_mutex running;
  bool active = true;
  const Sink sink;
};

/// What one write and one sync make durable.
struct LocalJournal::Group {
  struct Delivery {
    std::shared_ptr<Subscription> subscription;
    JournalBlock block;
    void run() const { subscription->deliver(block); }
  };

  void add(PartitionId partition, BlockNumber number, std::uint64_t digest, const Block& block,
           std::uint64_t payload_hash) {
    PendingFrame frame;
    frame.payload = payload_of(block);
    frame.payload_hash = payload_hash;
    frame.header.partition = partition;
    frame.header.block = number;
    frame.header.entry_count = block.entry_count;
    frame.header.digest = digest;
    frame.header.payload_bytes = static_cast<std::uint32_t>(frame.payload.size());
    frame.header.total_bytes =
        frame.header.payload_bytes + static_cast<std::uint32_t>(sizeof(FrameHeader));
    frame_bytes += frame.header.total_bytes;
    frames.push_back(frame);
    blocks.push_back(&block);
  }

  std::vector<Waiter*> waiters;
  std::uint64_t bytes = 0;        ///< What the waiters brought.
  std::uint64_t frame_bytes = 0;  ///< What of it has to be written.
  std::vector<PendingFrame> frames;
  std::vector<const Block*> blocks;  ///< Of the frames, owned by the waiters.
  std::vector<Delivery> deliveries;
};

}  // namespace hhgrid::storage
