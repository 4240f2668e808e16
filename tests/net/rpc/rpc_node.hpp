#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <caf/actor_system.hpp>

#include "actors/grid/grid.hpp"
#include "actors/host/messages.hpp"
#include "net/rpc/server_thread.hpp"
#include "net/service/local_grid_service.hpp"
#include "tests/storage/disk/scratch_directory.hpp"

namespace hhgrid::net {

/// A small grid in a directory of its own, served on a Unix socket by a thread of its own.
class RpcNode {
 public:
  RpcNode();
  std::string address() const { return server_->address(); }
  actors::Grid& grid() { return *grid_; }
  GridService& service() { return *service_; }
  /// Ends the serving, and all connections with it.
  void stop() { server_->stop(); }
  /// Appending fails from now on, as with a disk that is full.
  void refuse_appends(bool refuse) { refusing_ = refuse; }

 private:
  tests::FastDirectory directory_;
  actors::SystemConfig config_{2};
  caf::actor_system system_{config_};
  std::unique_ptr<actors::Grid> grid_;
  std::unique_ptr<LocalGridService> service_;
  std::unique_ptr<ServedGrid> served_;
  std::atomic<bool> refusing_ = false;
  std::unique_ptr<ServerThread> server_;
};

}  // namespace hhgrid::net
