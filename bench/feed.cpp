#include "bench/feed.hpp"

#include <stdexcept>
#include <thread>

namespace hhgrid::bench {
namespace {

net::SessionOptions session_options(core::Instant at) {
  net::SessionOptions options;
  options.block_entries_max = default_batch_entries;
  options.block_bytes_max = std::size_t{4} << 20;
  options.clock = [at] { return at; };
  options.maximum = core::MaximumEnergy();
  return options;
}

}  // namespace

void feed(actors::Grid& grid, const std::vector<std::vector<storage::Block>>& blocks_by_partition) {
  const auto& blocks = blocks_by_partition;
  const auto gateway = [&](std::size_t first) {
    bool any = true;
    for (std::size_t n = 0; any; ++n) {
      any = false;
      for (std::size_t p = first; p < blocks.size(); p += 2) {
        if (n >= blocks[p].size()) continue;
        any = true;
        if (auto position = grid.append(static_cast<storage::PartitionId>(p), blocks[p][n]);
            !position)
          throw std::runtime_error(position.error().text);
      }
    }
  };
  std::thread other(gateway, 1);
  gateway(0);
  other.join();
}

SessionFeed::SessionFeed(actors::Grid& grid, core::Instant at)
    : grid_(grid), feed_(grid, session_options(at)) {}

void SessionFeed::finish() {
  must(feed_.finish());
  must(grid_.drain());
}

}  // namespace hhgrid::bench
