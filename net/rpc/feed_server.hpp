#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/rpc/schema/grid.capnp.h"
#include "net/rpc/served_grid.hpp"
#include "net/rpc/workers.hpp"
#include "storage/wire/block_builder.hpp"

namespace hhgrid::net {

/// Where a sender stands in each partition that has taken anything of it.
using SenderMarks = std::map<storage::PartitionId, actors::SenderMark>;

/// Turns a sender's numbered blocks into blocks of the journal: each makes one for every partition
/// that it has entries for. So the n of a partition's blocks follow from the sender's own numbers,
/// and whoever takes a block again, here or at another node, makes the same of it.
class FeedServer final : public rpc::Feed::Server {
 public:
  struct Options {
    storage::SenderId sender;
    core::ParticipantId participant;
    std::optional<core::Instant> received_at;
    SenderMarks marks;  ///< Of a sender that has been here before.
  };
  /// The grid and the workers must outlive it.
  FeedServer(const ServedGrid& grid, Workers& workers, Options options);

  kj::Promise<void> send(SendContext context) override;
  kj::Promise<void> finish(FinishContext context) override;

 private:
  using Blocks = std::vector<std::pair<storage::PartitionId, storage::Block>>;
  struct Journey;  // shared with the worker that appends

  std::optional<storage::Error> wrong_number(std::uint64_t number) const;
  /// The blocks that the messages make; what is not well formed goes into `rejected`.
  Blocks split(rpc::Feed::SendParams::Reader params,
               std::vector<std::pair<std::uint32_t, std::string>>& rejected);
  storage::BlockBuilder& builder_of(storage::PartitionId partition);
  /// Answers the call once they are durable, or cannot be.
  template <class Context>
  kj::Promise<void> append(Blocks blocks, Context context);

  const ServedGrid& grid_;
  storage::Topology topology_;
  Options options_;
  Workers::Line line_;
  std::shared_ptr<Journey> journey_;
  std::map<storage::PartitionId, storage::BlockBuilder> builders_;  // empty between blocks
  storage::EntryScratch scratch_;
  std::uint64_t last_ = 0;  // the newest number that has come
  bool finished_ = false;
};

}  // namespace hhgrid::net
