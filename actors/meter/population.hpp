#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include <roaring/roaring.hh>

#include "core/types.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// Who is registered when: for every settlement day the energised meters expected to have values,
/// and how many meters are registered on each set of terms. Kept as changes at the days where spans
/// begin and end.
class Population {
 public:
  /// A meter's span with these terms begins at `from` and ends with `to` (open_ended: never).
  /// `sign` -1 takes it back.
  void change(std::uint32_t meter, std::uint32_t terms, bool energised, core::Direction direction,
              core::SettlementDay from, core::SettlementDay to, int sign);
  /// Energised meters of the direction on that day.
  Roaring expected(core::Direction direction, core::SettlementDay day) const;
  /// Meters registered per terms on that day; only those above 0, in order of terms.
  std::map<std::uint32_t, std::uint32_t> registered(core::SettlementDay day) const;

  tl::expected<void, storage::Error> load(const storage::Store& store);
  void write(storage::Commit& commit);

 private:
  using ToggleKey = std::pair<core::Direction, core::SettlementDay>;
  using CountKey = std::pair<std::uint32_t, core::SettlementDay>;
  std::map<ToggleKey, Roaring> toggles_;     // XOR of all up to a day = who is expected
  std::map<CountKey, std::int64_t> counts_;  // sum of all up to a day = how many
  std::set<ToggleKey> dirty_toggles_;
  std::set<CountKey> dirty_counts_;
};

}  // namespace hhgrid::actors
