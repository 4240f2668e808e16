#pragma once

#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include <kj/async.h>
#include <tl/expected.hpp>

#include "net/rpc/schema/grid.capnp.h"
#include "storage/wire/error.hpp"

namespace hhgrid::net {

/// A connection to a node with an event loop and thread of its own, so that calls may wait on any
/// other thread. What belongs to the loop is only touched within `call`.
class RpcConnection {
 public:
  /// `address`: `unix:PATH`. Errors: unanswered.
  static tl::expected<std::shared_ptr<RpcConnection>, storage::Error> open(
      const std::string& address);
  ~RpcConnection();
  RpcConnection(const RpcConnection&) = delete;
  RpcConnection& operator=(const RpcConnection&) = delete;

  /// Calls `ask` on the loop's thread and waits for what its promise brings. What it throws, such
  /// as a connection that has broken, is `unanswered`.
  template <class Ask>
  auto call(Ask&& ask)
      -> tl::expected<decltype(std::declval<const kj::Executor&>().executeSync(ask)),
                      storage::Error> {
    tl::expected<decltype(executor_->executeSync(ask)), storage::Error> answer;
    KJ_IF_MAYBE (thrown, kj::runCatchingExceptions([&] {
                   if constexpr (std::is_void_v<decltype(executor_->executeSync(ask))>)
                     executor_->executeSync(ask);
                   else
                     answer = executor_->executeSync(ask);
                 }))
      return tl::unexpected(broken(*thrown));
    return answer;
  }

  // -- within `call` --
  rpc::Viewer::Client& viewer();
  rpc::Operator::Client& operations();

  std::uint16_t meter_partitions() const { return meter_partitions_; }
  storage::Error broken(const kj::Exception& exception) const;

 private:
  struct Loop;
  struct Opening;
  explicit RpcConnection(std::string address) : address_(std::move(address)) {}
  void work(Opening& opening);
  tl::expected<void, storage::Error> enter(kj::WaitScope& waiting);

  std::string address_;
  std::uint16_t meter_partitions_ = 0;
  Loop* loop_ = nullptr;  // on the thread's stack; used there, and while there is an executor
  kj::Own<const kj::Executor> executor_;
  std::thread thread_;
};

}  // namespace hhgrid::net
