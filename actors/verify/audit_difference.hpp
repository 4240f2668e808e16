#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/allocation/settle.hpp"

namespace hhgrid::actors {

/// Something that is stored otherwise than it is recomputed.
struct AuditDifference {
  std::string
      table;  ///< components, bmu-volumes, factors, duos, load-shapes, defaults, exceptions, runs.
  std::string key;  ///< The row, and what of it differs.
  std::string stored, recomputed;
};
inline constexpr std::size_t audit_differences_max = 100;

/// Collects differences: the first `audit_differences_max`, and how many there are. Thread-safe.
class DifferenceLog {
 public:
  void add(std::string_view table, std::string key, std::string stored, std::string recomputed);
  /// Nothing when they are equal.
  void compare(std::string_view table, const std::string& key, std::string_view field,
               std::int64_t stored, std::int64_t recomputed);
  /// One difference, with the first period that differs and how many more do, so that a report
  /// shows many rows and not all periods of one.
  template <class Array>
  void compare_periods(std::string_view table, const std::string& key, std::string_view field,
                       const Array& stored, const Array& recomputed) {
    if (stored == recomputed) return;
    std::size_t first = stored.size(), more = 0;
    for (std::size_t i = stored.size(); i-- > 0;)
      if (stored[i] != recomputed[i]) first = i, ++more;
    compare(table, key,
            std::string(field) + " of period " + std::to_string(first + 1) + and_more(more - 1),
            static_cast<std::int64_t>(stored[first]), static_cast<std::int64_t>(recomputed[first]));
  }
  /// " and 3 more"; nothing for 0.
  static std::string and_more(std::size_t count);

  std::uint64_t count() const;
  std::vector<AuditDifference> take();

 private:
  mutable std::mutex mutex_;
  std::uint64_t count_ = 0;
  std::vector<AuditDifference> differences_;
};

/// Walks two sequences that are sorted by `key_of` and compares them: `both(a, b)`,
/// `only_stored(a)`, `only_recomputed(b)`.
template <class Stored, class Recomputed, class KeyOf, class Both, class OnlyStored,
          class OnlyRecomputed>
void walk_both(const Stored& stored, const Recomputed& recomputed, const KeyOf& key_of,
               const Both& both, const OnlyStored& only_stored,
               const OnlyRecomputed& only_recomputed) {
  auto a = stored.begin();
  auto b = recomputed.begin();
  while (a != stored.end() || b != recomputed.end()) {
    if (b == recomputed.end() || (a != stored.end() && key_of(*a) < key_of(*b)))
      only_stored(*a++);
    else if (a == stored.end() || key_of(*b) < key_of(*a))
      only_recomputed(*b++);
    else
      both(*a++, *b++);
  }
}

}  // namespace hhgrid::actors
