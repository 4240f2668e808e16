#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <tl/expected.hpp>

#include "actors/host/market_effects.hpp"
#include "actors/host/message_codec.hpp"
#include "core/load_shape/shape.hpp"
#include "storage/store/store.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

/// The parents of a full load-shape group, nearest first: without the domestic split, then without
/// the GSP Group.
std::array<core::ShapeGroup, 2> parents_of(const core::ShapeGroup& group);

/// Sums of actuals on one UTC day: of the full groups and, added up from them, of their parents.
class DayTotals {
 public:
  /// Null when the group has none.
  const core::ShapeSums* find(const core::ShapeGroup& group) const;
  /// Adds to a full group and to its parents.
  void add(const core::ShapeGroup& full_group, const core::ShapeSums& sums);
  /// The full groups with any sums, in order.
  const std::set<core::ShapeGroup>& groups() const { return groups_; }

 private:
  std::set<core::ShapeGroup> groups_;
  absl::flat_hash_map<std::uint32_t, std::unique_ptr<core::ShapeSums>> sums_;
};

/// The running totals of every load-shape group by UTC day, over all meter partitions. Days are
/// read from the store when they are first needed, and kept.
class ShapeTotals {
 public:
  using Add = std::function<void(const GroupDaySums&)>;
  /// Gives the stored sums of the full groups of UTC days first..last to `add`; throws when they
  /// cannot be read.
  using ReadDays = std::function<void(core::UtcDay first, core::UtcDay last, const Add& add)>;

  explicit ShapeTotals(ReadDays read_days) : read_days_(std::move(read_days)) {}

  /// Brings the days first..last into memory. Whatever `ReadDays` throws passes through, and
  /// nothing has changed.
  void require(core::UtcDay first, core::UtcDay last);
  /// Null when the group has no sums on that day, which must be in memory.
  const core::ShapeSums* find(const core::ShapeGroup& group, core::UtcDay day) const;
  /// The full groups with sums on that day, which must be in memory.
  const std::set<core::ShapeGroup>& groups(core::UtcDay day) const {
    return days_.at(day.value).groups();
  }
  /// Adds changes to the totals, whose days must be in memory, and stores the new totals.
  void apply(const ShapeSumsByDay& deltas, MarketEffects& effects);
  /// Forgets the oldest days when there are more than about two years of them in memory. Only
  /// between commits: the store must hold what was applied.
  void trim();
  /// Forgets all days in memory; `require` reads them again.
  void clear() { days_.clear(); }

 private:
  ReadDays read_days_;
  absl::flat_hash_map<std::int32_t, DayTotals> days_;
};

/// What counts for one run alone: by how much the sums of full groups differ as of its cut-off,
/// over all meter partitions.
class RunOnlySums {
 public:
  void add(const GroupDaySums& change);
  /// In order.
  std::vector<core::UtcDay> days() const;

 private:
  friend class ShapeOverlay;
  struct OfGroup {
    core::ShapeGroup group;
    core::ShapeSums sums;
    bool whole = false;  // the total is in them
  };
  struct OfDay {
    std::vector<OfGroup> groups;
    absl::flat_hash_map<std::uint32_t, std::uint32_t> places;  // of the groups
  };
  absl::flat_hash_map<std::int32_t, OfDay> days_;
};

/// Totals with the changes that count for one run alone: the sums as of the run's cut-off. They are
/// added up in place when they are asked for, since a run asks for some ten thousand of them.
class ShapeOverlay {
 public:
  /// The totals must outlive the overlay and not change; the days of `run_only` must be in memory.
  ShapeOverlay(const ShapeTotals& totals, RunOnlySums run_only)
      : totals_(totals), run_only_(std::move(run_only)) {}
  /// Stays where it is.
  const core::ShapeSums* find(const core::ShapeGroup& group, core::UtcDay day);

 private:
  core::ShapeSums parent(const core::ShapeGroup& group, core::UtcDay day,
                         const RunOnlySums::OfDay& changes) const;

  const ShapeTotals& totals_;
  RunOnlySums run_only_;
  std::map<std::pair<core::UtcDay, core::ShapeGroup>, core::ShapeSums>
      parents_;  // few are asked for
};

/// What the market partition has added up of a UTC day and full group.
inline constexpr storage::Table<schema::ShapeSumsRecord> totals_table{storage::Family::ledger, "g"};
/// Reads the stored totals of a range of UTC days. Throws StoreFailure when a record is damaged or
/// cannot be read.
void read_shape_totals(const storage::Store& store, core::UtcDay first, core::UtcDay last,
                       const ShapeTotals::Add& add);
/// Key in Family::ledger of a full group's totals on a UTC day.
std::string shape_totals_key(const core::ShapeGroup& full_group, core::UtcDay day);

}  // namespace hhgrid::actors
