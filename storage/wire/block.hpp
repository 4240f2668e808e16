#pragma once

#include <compare>
#include <cstdint>
#include <memory>

#include <capnp/common.h>
#include <kj/array.h>

namespace hhgrid::storage {

/// A place in one partition's journal; the first entry is 1, 0 is "before everything". Every entry
/// of a block has its own.
using Position = std::uint64_t;
using PartitionId = std::uint16_t;

/// Names one append; a retry carries the same id and is stored once.
struct BatchId {
  std::uint64_t high = 0, low = 0;
  friend auto operator<=>(const BatchId&, const BatchId&) = default;
};

/// A serialised `schema::Block` message (flat words, with segment table) and what the journal has
/// to know of it. The bytes are shared, never copied, on the way from the gateway to the meter's
/// turn.
struct Block {
  BatchId batch_id;
  std::uint32_t entry_count = 0;
  std::shared_ptr<const kj::Array<capnp::word>> words;
};

/// A block at its place: entries take positions first ... first + entry_count - 1.
struct JournalBlock {
  Position first = 0;
  Block block;
};

}  // namespace hhgrid::storage
