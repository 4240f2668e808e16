#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <utility>

#include <capnp/common.h>
#include <kj/array.h>

#include "storage/wire/position.hpp"

namespace hhgrid::storage {

using PartitionId = std::uint16_t;

/// Who sends blocks: one life of a process, made at random, or a partition of the grid.
struct SenderId {
  std::uint64_t high = 0, low = 0;

  static constexpr SenderId of_partition(PartitionId partition) { return {0, partition}; }
  constexpr bool is_partition() const { return high == 0; }
  friend constexpr auto operator<=>(const SenderId&, const SenderId&) = default;
  template <class Hash>
  // NOLINTNEXTLINE(readability-identifier-naming): Abseil finds it by this name
  friend Hash AbslHashValue(Hash hash, const SenderId& id) {
    return Hash::combine(std::move(hash), id.high, id.low);
  }
};
/// Of a process that starts now: no other has it, and no partition.
SenderId make_sender_id();

/// What names a block for ever, wherever it stands in a journal: `n` is 1, 2, 3 ... per sender and
/// partition. The partition takes each n once, in order.
struct BlockId {
  SenderId sender;
  std::uint64_t n = 0;
  friend constexpr auto operator<=>(const BlockId&, const BlockId&) = default;
};

/// A serialised `schema::Block` message (flat words, with segment table). The bytes are shared,
/// never copied, on the way from the gateway to the meter's turn.
struct Block {
  std::uint32_t entry_count = 0;
  std::shared_ptr<const kj::Array<capnp::word>> words;
};

/// XXH3-64 of a block's bytes.
std::uint64_t hash_of(kj::ArrayPtr<const capnp::word> words);
/// The rolling digest of a partition's blocks, from that of the blocks before and the hash of this
/// one; 0 before the first.
std::uint64_t rolling_digest(std::uint64_t before, std::uint64_t hash);

/// A block at its place: its entries have the positions (number, 0) ... (number, entry_count - 1).
struct JournalBlock {
  BlockNumber number = 0;
  Block block;
  std::uint64_t digest = 0;  ///< The journal's rolling digest at this block.
};

}  // namespace hhgrid::storage
