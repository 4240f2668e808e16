#include "bench/feed.hpp"

#include <stdexcept>
#include <thread>

#include "bench/measure.hpp"

namespace hhgrid::bench {
namespace {

constexpr std::size_t sender_threads = 2;
constexpr std::size_t waiting_bytes_max = std::size_t{16} << 20;  // a thread

net::SessionOptions session_options(const actors::Grid& grid) {
  net::SessionOptions options;
  options.topology = grid.topology();
  options.block_entries_max = default_batch_entries;
  options.block_bytes_max = std::size_t{4} << 20;
  options.ends_sender = grid.delivers_once();
  options.clock = [] { return received_at; };
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

SessionFeed::SessionFeed(actors::Grid& grid)
    : grid_(grid),
      sender_(
          [&grid](auto partition, auto block) { return grid.append(partition, std::move(block)); },
          sender_threads, waiting_bytes_max),
      session_(session_options(grid), [this](auto partition, auto block) {
        return sender_.send(partition, std::move(block));
      }) {}

void SessionFeed::finish() {
  must(session_.finish());
  must(sender_.finish());
  must(grid_.drain());
}

}  // namespace hhgrid::bench
