#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/wire/block.hpp"
#include "storage/wire/position.hpp"

namespace hhgrid::actors {

/// How an actor has answered a message.
struct Reply {
  enum class Kind : std::uint8_t {
    accepted,   ///< It is taken; of a reading, at least one half hour is.
    unchanged,  ///< It says what was said already.
    refused,    ///< It breaks a rule of the market: all of it.
    failed,     ///< Its turn failed; it is a dead letter.
  };
  Kind kind = Kind::accepted;
  storage::Position position;  ///< In the journal of the actor's partition.
  /// The market's code of what is refused, all of it or some half hours (`ECS1012`), and a
  /// sentence; of a failure the reason alone.
  std::string code, sentence;
};
std::string_view to_string(Reply::Kind kind);

/// The replies to the entries of one block, in their order.
struct BlockReplies {
  storage::PartitionId partition = 0;
  std::uint64_t n = 0;  ///< Of the block's sender.
  std::vector<Reply> replies;
};

}  // namespace hhgrid::actors
