#pragma once

#include <cstdint>
#include <map>
#include <set>

#include <absl/container/flat_hash_map.h>
#include <roaring/roaring.hh>

#include "core/meter_day.hpp"
#include "core/types.hpp"
#include "storage/store/store.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using core::all_periods_mask;

/// What is known of a meter's UTC day and quantity without reading its versions: bit p-1 is UTC
/// period p.
struct PeriodMasks {
  std::uint64_t counting = 0;  ///< A value counts.
  std::uint64_t refused = 0;   ///< There are values, and all of them are refused.
  std::uint64_t stored() const { return counting | refused; }
  friend bool operator==(const PeriodMasks&, const PeriodMasks&) = default;
};

/// Which periods of which meters have a value, per UTC day and quantity: what a run has to default,
/// and whether a turn has to read earlier versions, without reading any. Meters are their numbers.
class Presence {
 public:
  struct Key {
    core::UtcDay day;
    core::MeasurementQuantity quantity{};
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  PeriodMasks masks(const Key& key, std::uint32_t meter) const;
  /// `received_at` of the entry that changes it moves the day's newest.
  void set(const Key& key, std::uint32_t meter, const PeriodMasks& masks,
           core::Instant received_at);
  /// Meters with all 48 periods; null when none has any.
  const Roaring* complete(const Key& key) const;
  /// All meters with any period that counts.
  Roaring with_values(const Key& key) const;
  /// The latest received_at of anything about that day and quantity.
  core::Instant newest(const Key& key) const;
  /// All days and quantities with any value, in order.
  std::vector<Key> keys() const;

  tl::expected<void, storage::Error> load(const storage::Store& store);
  void write(storage::Commit& commit);
  std::size_t memory_bytes() const;

 private:
  struct Day {
    Roaring complete;
    absl::flat_hash_map<std::uint32_t, PeriodMasks> partial;
    core::Instant newest{std::numeric_limits<std::int64_t>::min()};
  };
  Day& day(const Key& key);
  void touch(const Key& key, Day& day, core::Instant received_at);
  const Day* find(const Key& key) const;

  std::map<Key, Day> days_;
  mutable Key last_key_{};
  mutable const Day* last_ = nullptr;
  std::set<Key> dirty_days_;
  std::set<std::pair<Key, std::uint32_t>> dirty_partials_;
};

/// By UTC day and quantity the meters with all periods; by UTC day, quantity and meter what one
/// with some has.
inline constexpr storage::Table<schema::PresenceRecord> complete_table{storage::Family::presence,
                                                                       "c"};
inline constexpr storage::Table<schema::PartialRecord> partial_table{storage::Family::presence,
                                                                     "p"};
std::string partial_key(const Presence::Key& key, std::uint32_t meter);

}  // namespace hhgrid::actors
