#pragma once

#include <atomic>

#include "net/ingest/block_sender.hpp"
#include "net/ingest/ingest_session.hpp"

namespace hhgrid::net {

/// The durable way into a grid: an ingestion session whose blocks are appended on other threads, so
/// that reading goes on while they become durable. Use it from one thread; the counter may be read
/// from any.
class Feed {
 public:
  Feed(SessionOptions options, BlockSender::Append append);
  /// Into a grid, or whatever else has its `append`, `topology` and `delivers_once`; it must
  /// outlive the feed.
  template <class Grid>
  Feed(Grid& grid, SessionOptions options)
      : Feed(of_grid(grid, std::move(options)),
             [&grid](storage::PartitionId partition, storage::Block block) {
               return grid.append(partition, std::move(block));
             }) {}

  IngestSession& session() { return session_; }
  /// Entries handed on to become durable so far.
  std::uint64_t entries() const { return entries_.load(std::memory_order_relaxed); }
  /// Waits until everything added is durable. Error: the first that there was.
  tl::expected<void, storage::Error> finish();

 private:
  template <class Grid>
  static SessionOptions of_grid(const Grid& grid, SessionOptions options) {
    options.topology = grid.topology();
    options.ends_sender = grid.delivers_once();
    return options;
  }

  std::atomic<std::uint64_t> entries_ = 0;
  BlockSender sender_;
  IngestSession session_;
};

}  // namespace hhgrid::net
