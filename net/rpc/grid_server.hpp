#pragma once

#include <cstddef>

#include <capnp/capability.h>
#include <kj/async-io.h>

#include "net/rpc/served_grid.hpp"
#include "net/rpc/workers.hpp"

namespace hhgrid::net {

/// Answers the connections of a node: net/rpc/schema/grid.capnp. Lives on the thread of one event
/// loop; the grid and the workers must outlive it.
class GridServer : private kj::TaskSet::ErrorHandler {
 public:
  GridServer(const ServedGrid& grid, Workers& workers);

  /// Accepts for as long as the promise is kept; more than `connections_max` at once are closed at
  /// once.
  kj::Promise<void> listen(kj::ConnectionReceiver& receiver);
  /// Drops all connections, and answers when no call of theirs is under way any more. Nobody is to
  /// listen by then.
  kj::Promise<void> end();

  static constexpr std::size_t connections_max = 256;

 private:
  void serve(kj::Own<kj::AsyncIoStream> stream);
  void taskFailed(kj::Exception&& exception) override;

  const ServedGrid& grid_;
  Workers& workers_;
  std::size_t connection_count_ = 0;
  kj::Own<kj::TaskSet> connections_;
};

}  // namespace hhgrid::net
