#pragma once

#include <compare>
#include <cstdint>

namespace hhgrid::storage {

/// Names one grid: made at random when the grid is created, written into every file that belongs to
/// it.
struct GridId {
  std::uint64_t high = 0, low = 0;
  friend auto operator<=>(const GridId&, const GridId&) = default;
};

}  // namespace hhgrid::storage
