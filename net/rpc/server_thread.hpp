#pragma once

#include <filesystem>
#include <thread>

#include <kj/async.h>
#include <tl/expected.hpp>

#include "net/rpc/served_grid.hpp"

namespace hhgrid::net {

/// Serves a grid on a Unix socket from a thread of its own, without all that makes a node.
class ServerThread {
 public:
  /// The grid must outlive it. Throws what keeps the socket from being listened on.
  ServerThread(const ServedGrid& grid, std::filesystem::path socket);
  ~ServerThread() noexcept { stop(); }  // kj::Own only looks as if it threw
  ServerThread(const ServerThread&) = delete;
  ServerThread& operator=(const ServerThread&) = delete;

  std::string address() const { return "unix:" + socket_.string(); }
  /// Ends the serving, and all connections with it.
  void stop();

 private:
  struct Opening;
  void serve(Opening& opening);

  const ServedGrid& grid_;
  std::filesystem::path socket_;
  kj::Own<const kj::Executor> executor_;
  kj::Own<kj::PromiseFulfiller<void>> stop_;  // of the thread's loop
  std::thread thread_;
};

}  // namespace hhgrid::net
