#include "tests/net/rpc/rpc_node.hpp"

#include <stdexcept>

namespace hhgrid::net {
namespace {

/// A clock that moves whenever it is asked.
core::Instant some_time() {
  static std::atomic<std::int64_t> milliseconds = 1'800'000'000'000;
  return {++milliseconds};
}

}  // namespace

RpcNode::RpcNode() {
  actors::GridOptions options;
  options.directory = directory_.path() / "grid";
  options.partitions = 3;
  options.memtable_bytes = 256 << 10;
  options.journal_segment_bytes = 1 << 20;
  options.block_cache_bytes = 8 << 20;
  auto grid = actors::Grid::open(system_, options);
  if (!grid) throw std::runtime_error(grid.error().text);
  grid_ = std::move(*grid);
  SessionOptions session;
  session.clock = some_time;
  session.maximum = core::MaximumEnergy();
  service_ = std::make_unique<LocalGridService>(*grid_, session, some_time);
  served_ = std::make_unique<ServedGrid>(served_grid(*grid_, *service_, session, "test"));
  served_->append = [this,
                     append = served_->append](auto blocks) -> tl::expected<void, storage::Error> {
    if (refusing_) return tl::unexpected(storage::Error{storage::Errc::no_space, "disk full"});
    return append(blocks);
  };
  server_ = std::make_unique<ServerThread>(*served_, directory_.path() / "node.sock");
}

}  // namespace hhgrid::net
