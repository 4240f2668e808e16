#pragma once

#include <cstdint>
#include <map>
#include <set>

#include <absl/container/flat_hash_map.h>
#include <roaring/roaring.hh>

#include "core/types.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

inline constexpr std::uint64_t all_periods_mask =
    (std::uint64_t{1} << core::periods_per_utc_day) - 1;

/// Which periods of which meters have a value, per UTC day and quantity: what a run has to default,
/// and whether a turn has to read earlier versions, without reading any. Meters are their numbers.
class Presence {
 public:
  struct Key {
    core::UtcDay day;
    core::MeasurementQuantity quantity{};
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  /// Bit p-1 set: UTC period p has a value.
  std::uint64_t mask(const Key& key, std::uint32_t meter) const;
  /// `received_at` of the entry that brings the periods moves the day's newest.
  void add(const Key& key, std::uint32_t meter, std::uint64_t periods, core::Instant received_at);
  /// A day's values changed without a new period.
  void touch(const Key& key, core::Instant received_at);
  /// Meters with all 48 periods; null when none has any.
  const Roaring* complete(const Key& key) const;
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
    absl::flat_hash_map<std::uint32_t, std::uint64_t> partial;
    core::Instant newest{std::numeric_limits<std::int64_t>::min()};
  };
  Day& day(const Key& key);
  const Day* find(const Key& key) const;

  std::map<Key, Day> days_;
  mutable Key last_key_{};
  mutable const Day* last_ = nullptr;
  std::set<Key> dirty_days_;
  std::set<std::pair<Key, std::uint32_t>> dirty_partials_;
};

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
