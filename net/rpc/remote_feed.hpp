#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/rpc/rpc_connection.hpp"
#include "net/service/grid_service.hpp"

namespace hhgrid::net {

/// Feeds a grid through its node: collects entries into numbered blocks, of which several are on
/// their way at once.
class RemoteFeed : public GridFeed {
 public:
  static tl::expected<std::unique_ptr<RemoteFeed>, storage::Error> open(
      std::shared_ptr<RpcConnection> connection, storage::Topology topology,
      const FeedOptions& options);
  ~RemoteFeed() override;

  IngestSink& sink() override { return sink_; }
  std::uint64_t entries() const override { return entries_; }
  /// Tells the node too that no more comes.
  tl::expected<void, storage::Error> finish() override;

 private:
  struct Remote;  // what belongs to the connection's loop
  /// Entries one after the other.
  struct Block {
    std::vector<std::uint64_t> words;
    std::vector<std::uint32_t> sizes;  // in words
  };
  class Sink : public IngestSink {
   public:
    explicit Sink(RemoteFeed& feed) : feed_(feed) {}
    storage::Topology topology() const override { return feed_.topology_; }
    tl::expected<void, storage::Error> add(storage::PartitionId partition,
                                           storage::EntryWords entry) override;
    tl::expected<void, storage::Error> begin_source(const std::string& source) override;
    tl::expected<void, storage::Error> finish() override { return feed_.send(); }

   private:
    RemoteFeed& feed_;
  };
  RemoteFeed(std::shared_ptr<RpcConnection> connection, storage::Topology topology,
             std::uint32_t entries_max);

  /// Sends what was collected, once there is credit for it.
  tl::expected<void, storage::Error> send();
  tl::expected<void, storage::Error> wait_below(std::size_t bytes);
  void answered(std::size_t bytes, std::optional<storage::Error> failure);

  std::shared_ptr<RpcConnection> connection_;
  storage::Topology topology_;
  std::uint32_t entries_max_;
  std::unique_ptr<Remote> remote_;
  Sink sink_;
  Block block_;
  std::string source_;
  std::uint64_t number_ = 0;
  std::atomic<std::uint64_t> entries_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0;              // bytes
  std::optional<storage::Error> failure_;  // the first
};

}  // namespace hhgrid::net
