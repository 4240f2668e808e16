#pragma once

#include <string>
#include <vector>

#include "actors/grid/grid.hpp"
#include "net/ingest/block_sender.hpp"
#include "net/ingest/ingest_session.hpp"
#include "storage/wire/block.hpp"

namespace hhgrid::bench {

/// Two gateways, each with half of the partitions, append a block of each in turn. Throws what
/// stopped an append.
void feed(actors::Grid& grid, const std::vector<std::vector<storage::Block>>& blocks_by_partition);

/// An ingestion session into a grid as the program has it: blocks become durable on two threads
/// beside the one that adds.
class SessionFeed {
 public:
  /// The grid must outlive the feed.
  explicit SessionFeed(actors::Grid& grid);

  net::IngestSession& session() { return session_; }
  /// Waits until everything added is durable and applied. Throws what stopped it.
  void finish();

 private:
  actors::Grid& grid_;
  net::BlockSender sender_;
  net::IngestSession session_;
};

}  // namespace hhgrid::bench
