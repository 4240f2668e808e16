#pragma once

#include <compare>
#include <cstdint>

namespace hhgrid::storage {

/// Names one journal: made at random when the journal is.
struct JournalId {
  std::uint64_t high = 0, low = 0;
  friend auto operator<=>(const JournalId&, const JournalId&) = default;
};

}  // namespace hhgrid::storage
