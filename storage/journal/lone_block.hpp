#pragma once

#include "storage/journal/journal.hpp"
#include "storage/wire/block_builder.hpp"

namespace hhgrid::storage {

/// Closes a block of a sender of its own, who sends nothing else: an order, a replay. Where the
/// journal allows it the sender is forgotten at once.
inline Block finish_lone_block(BlockBuilder& builder, const Journal& journal) {
  return builder.finish({make_sender_id(), 1}, journal.delivers_once());
}

}  // namespace hhgrid::storage
