#pragma once

#include <cstdint>

#include "core/assertion.hpp"
#include "core/types.hpp"

namespace hhgrid::core {

/// The finaliser of splitmix64 (Steele, Lea and Flood, 2014): a bijection that spreads every bit of
/// `x`.
constexpr std::uint64_t splitmix64_finaliser(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// So many meter partitions a grid has at most: a run sends each a message in one turn.
inline constexpr std::uint16_t meter_partitions_max = 4000;

/// The meter partition (0 .. partition_count - 1) that owns a meter: the finaliser of its 13 digits
/// as a number, modulo the count. Stored data and journals depend on it, so it never changes.
/// `partition_count` must not be 0.
inline std::uint16_t meter_partition(Mpan mpan, std::uint16_t partition_count) {
  HHGRID_ASSERT(partition_count > 0);
  return static_cast<std::uint16_t>(splitmix64_finaliser(mpan.number()) % partition_count);
}

}  // namespace hhgrid::core
