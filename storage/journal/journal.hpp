#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "storage/wire/block.hpp"
#include "storage/wire/error.hpp"
#include "storage/wire/journal_id.hpp"

namespace hhgrid::storage {

/// The ordered, durable input of every partition (docs/architecture.md, "The journal").
/// Thread-safe. Invariants that every home must keep; `tests/storage/journal/journal_contract.hpp`
/// and `tests/storage/journal/journal_delivery_contract.hpp` check them:
///  - the blocks of a partition have contiguous numbers from 1;
///  - append returns only when the block is durable, and subscribers see a block only after that,
///    in order;
///  - read gives blocks in order; a block before the retained range is an error (trimmed), never a
///    silent skip;
///  - the rolling digest of a block follows from all blocks of its partition up to it.
/// What a sender has sent once may stand in the journal twice, or early and again in its turn: the
/// sender's numbers in the block tell (`BlockId`), and whoever folds the journal goes by them.
class Journal {
 public:
  virtual ~Journal() = default;
  virtual JournalId identity() const = 0;
  /// Whether no block that a sender has sent once ever comes again later, so that a sender's end
  /// may be told to those who count its blocks.
  virtual bool delivers_once() const = 0;

  /// Returns the block's number. Errors: no space (nothing was stored, try again later), io,
  /// closed.
  virtual tl::expected<BlockNumber, Error> append(PartitionId partition, Block block) = 0;
  /// Several blocks for any partitions with one wait for durability; results in the order given.
  virtual tl::expected<std::vector<BlockNumber>, Error> append_all(
      std::span<const std::pair<PartitionId, Block>> blocks) = 0;
  /// Told the number of a block that is durable, or why it is not.
  using Done = std::function<void(tl::expected<BlockNumber, Error>)>;
  /// For event loops: takes the block and returns at once; `done` is called later, on another
  /// thread, and must neither throw nor wait for the journal. Blocks of one caller keep their
  /// order. False when so much waits already that there is no credit: nothing was taken, and there
  /// is credit again at the latest when everything taken before is done.
  virtual bool append_async(PartitionId partition, Block block, Done done) = 0;

  /// The block `from` and those after it, up to about `bytes_max` (at least one when there is any).
  /// Empty when `from` is past the end.
  virtual tl::expected<std::vector<JournalBlock>, Error> read(PartitionId partition,
                                                              BlockNumber from,
                                                              std::size_t bytes_max) = 0;
  /// The last durable block; 0 when empty.
  virtual BlockNumber end(PartitionId partition) const = 0;
  /// The rolling digest at a block; that of no block is 0. Errors: trimmed (the block lies before
  /// the last one released), mismatch (it lies past the end).
  virtual tl::expected<std::uint64_t, Error> digest(PartitionId partition,
                                                    BlockNumber block) const = 0;

  /// Calls `sink` for the block `from`, at most end + 1, and all after it, those to come included,
  /// in order. What is
  /// there already comes on the caller's thread, before this returns; the rest on an appending
  /// thread. One subscriber a partition. Errors: as read; then there is no subscription.
  using Sink = std::function<void(JournalBlock)>;
  virtual tl::expected<void, Error> subscribe(PartitionId partition, BlockNumber from,
                                              Sink sink) = 0;
  virtual void unsubscribe(PartitionId partition) = 0;
  /// Everything up to and including `applied` is in the partition's own durable state; the home may
  /// forget it.
  virtual void release(PartitionId partition, BlockNumber applied) = 0;
};

}  // namespace hhgrid::storage
