#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tl/expected.hpp>

#include "storage/wire/block.hpp"
#include "storage/wire/error.hpp"

namespace hhgrid::storage {

/// The ordered, durable input of every partition (docs/architecture.md, "The journal").
/// Thread-safe. Invariants that every home must keep; `tests/storage/journal/journal_contract.hpp`
/// checks them:
///  - positions of a partition are contiguous from 1;
///  - append returns only when the block is durable, and subscribers see a block only after that,
///  in order, once;
///  - a batch id that the partition has taken within the window returns its first position again
///  and stores nothing;
///  - read gives blocks in order; a position before the retained range is an error (trimmed), never
///  a silent skip.
class Journal {
 public:
  virtual ~Journal() = default;
  /// Returns the position of the block's first entry. Errors: no space (nothing was stored, try
  /// again later), io, closed.
  virtual tl::expected<Position, Error> append(PartitionId partition, Block block) = 0;
  /// Several blocks for any partitions with one wait for durability; results in the order given.
  virtual tl::expected<std::vector<Position>, Error> append_all(
      std::span<const std::pair<PartitionId, Block>> blocks) = 0;
  /// The block that holds `from`, and those after it, up to about `bytes_max` (at least one when
  /// there is any). Empty when `from` is past the end.
  virtual tl::expected<std::vector<JournalBlock>, Error> read(PartitionId partition, Position from,
                                                              std::size_t bytes_max) = 0;
  /// Position of the last durable entry; 0 when empty.
  virtual Position end(PartitionId partition) const = 0;
  /// Calls `sink` for every block appended from now on, in order, on an appending thread. One
  /// subscriber a partition.
  using Sink = std::function<void(JournalBlock)>;
  virtual void subscribe(PartitionId partition, Sink sink) = 0;
  virtual void unsubscribe(PartitionId partition) = 0;
  /// Everything up to and including `applied` is in the partition's own durable state; the home may
  /// forget it.
  virtual void release(PartitionId partition, Position applied) = 0;
};

}  // namespace hhgrid::storage
