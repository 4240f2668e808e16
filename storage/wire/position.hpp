#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace hhgrid::storage {

/// The number of a block in one partition's journal: contiguous from 1; 0 is "before everything".
using BlockNumber = std::uint64_t;

/// Blocks hold at most so many entries.
inline constexpr std::uint32_t block_entries_max = 1U << 16;

/// A place in one partition's journal: the block and the index of the entry in it, from 0. One
/// 64-bit number whose order is the journal's, shown as `block.index`. The place after the last
/// entry of a block is the first of the next block, so nobody adds 1 to a position.
class Position {
 public:
  /// Before everything.
  constexpr Position() = default;
  /// `block`: below 2^48; `index`: below `block_entries_max`.
  constexpr Position(BlockNumber block, std::uint32_t index)
      : number_(block << index_bits | index) {}
  /// The position that `number()` gave.
  static constexpr Position from_number(std::uint64_t number) {
    Position position;
    position.number_ = number;
    return position;
  }
  /// The last that a block can have.
  static constexpr Position last_of(BlockNumber block) { return {block, block_entries_max - 1}; }
  /// After everything.
  static constexpr Position greatest() {
    return from_number(std::numeric_limits<std::uint64_t>::max());
  }

  constexpr BlockNumber block() const { return number_ >> index_bits; }
  constexpr std::uint32_t index() const {
    return static_cast<std::uint32_t>(number_ & (block_entries_max - 1));
  }
  /// What is stored and sent: in the order of positions.
  constexpr std::uint64_t number() const { return number_; }
  /// Whether there is an entry before or at it.
  constexpr bool is_none() const { return block() == 0; }

  friend constexpr auto operator<=>(Position, Position) = default;

 private:
  static constexpr unsigned index_bits = 16;
  std::uint64_t number_ = 0;
};

/// `block.index`
std::string to_string(Position position);

}  // namespace hhgrid::storage
