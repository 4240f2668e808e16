#pragma once

#include <string>
#include <vector>

#include "actors/grid/grid.hpp"
#include "bench/measure.hpp"
#include "net/ingest/feed.hpp"
#include "storage/wire/block.hpp"

namespace hhgrid::bench {

/// Two gateways, each with half of the partitions, append a block of each in turn. Throws what
/// stopped an append.
void feed(actors::Grid& grid, const std::vector<std::vector<storage::Block>>& blocks_by_partition);

/// The way into a grid as the program has it, with larger blocks.
class SessionFeed {
 public:
  /// The grid must outlive the feed. `at`: when all of it is received.
  explicit SessionFeed(actors::Grid& grid, core::Instant at = received_at);

  net::IngestSession& session() { return feed_.session(); }
  /// Waits until everything added is durable and applied. Throws what stopped it.
  void finish();

 private:
  actors::Grid& grid_;
  net::Feed feed_;
};

}  // namespace hhgrid::bench
