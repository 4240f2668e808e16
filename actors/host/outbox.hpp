#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kj/array.h>

#include "core/types.hpp"
#include "storage/store/store.hpp"
#include "storage/wire/block_builder.hpp"

namespace hhgrid::actors {

using Words = std::shared_ptr<const kj::Array<capnp::word>>;

/// A block for another partition. The fold has closed it: it has the same bytes under the same n
/// whoever carries it, and however often, so its destination takes it once.
struct OutboxBlock {
  storage::PartitionId destination = 0;
  std::uint64_t n = 0;
  storage::Block block;
};

/// The key of an outbox block in Family::outbox, and what all of them begin with.
inline constexpr std::string_view outbox_tag = "b";
std::string outbox_key(storage::PartitionId destination, std::uint64_t n);

/// What a partition sends to others. What one block of its journal causes for one destination goes
/// in one block, cut at 1 MiB; n rises per destination and is kept for ever.
class Outbox {
 public:
  explicit Outbox(storage::PartitionId sender) : sender_(sender) {}

  /// Reads what has not been delivered. Errors: damaged, newer_format, io.
  tl::expected<void, storage::Error> load(const storage::Store& store);

  // -- while a block is applied

  void send(storage::Position position, storage::PartitionId destination, Words entry);
  /// Nothing of a failed turn leaves.
  void take_back(storage::Position position);
  void take_back_all() { messages_.clear(); }
  /// Closes what the block's turns have sent, and forgets what has been delivered.
  void write(core::Instant received_at, storage::Commit& commit);
  /// After the block's commit is in the store.
  void committed();

  // -- between blocks

  /// What was committed since the last call (after load: all that is not delivered).
  std::vector<OutboxBlock> take() { return std::exchange(committed_, {}); }
  /// The destination's journal holds it: forgotten with the next commit.
  void delivered(storage::PartitionId destination, std::uint64_t n) {
    delivered_.emplace_back(destination, n);
  }
  /// Whether anything was delivered since the last commit.
  bool has_delivered() const { return !delivered_.empty(); }
  void forget_delivered(storage::Commit& commit);

 private:
  struct Message {
    storage::Position position;
    storage::PartitionId destination;
    Words entry;
  };
  void close(storage::PartitionId destination, storage::BlockBuilder& builder,
             storage::Commit& commit);

  storage::PartitionId sender_;
  std::map<storage::PartitionId, std::uint64_t> sent_;  // the last n of each destination
  std::vector<Message> messages_;                       // of the block being applied
  std::vector<OutboxBlock> closed_;                     // of that block, not yet committed
  std::vector<OutboxBlock> committed_;                  // not yet taken
  std::vector<std::pair<storage::PartitionId, std::uint64_t>> delivered_;
};

}  // namespace hhgrid::actors
