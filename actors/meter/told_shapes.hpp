#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/meter/ledger.hpp"
#include "core/types.hpp"
#include "storage/store/store.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/entry.capnp.h"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

struct MeterPartition;

/// What the market partition has been told of a UTC day and full group.
inline constexpr storage::Table<schema::ShapeSumsRecord> told_table{storage::Family::ledger, "s"};

/// now - then, groups without a change left out.
ShapeSumsByGroup difference(const ShapeSumsByGroup& now, const ShapeSumsByGroup& then);

/// What the market partition has been told of the load shapes' sums: each run marker is answered
/// with what has changed since the one before.
class ToldShapes {
 public:
  /// What the market partition has not been told yet; afterwards it has. Throws before that.
  ShapeSumsByDay take_changes(MeterPartition& partition);

  tl::expected<void, storage::Error> load(const storage::Store& store);
  /// `changes`: what the block has changed of the sums.
  void write(const ShapeSumsByDay& changes, storage::Commit& commit);

 private:
  /// Of this block, what the market partition has not been told of yet.
  ShapeSumsByDay untold_of_block(const ShapeSumsByDay& changes) const;

  std::set<core::UtcDay> untold_;  // days with changes that blocks before have left untold
  ShapeSumsByDay followed_;        // those changes, of as many untold days as memory allows
  // -- of this block
  ShapeSumsByDay told_changes_;        // the part of its changes that has been told
  std::set<core::UtcDay> newly_told_;  // days that blocks before had left untold
  ShapeSumsByDay told_;                // the sums that the market partition knows, not stored yet
};

/// `init(n)` makes the list.
void write_shape_deltas(
    const ShapeSumsByDay& days,
    const std::function<capnp::List<schema::ShapeSums>::Builder(unsigned)>& init);

/// The load-shape sums of a UTC day by the running ledger.
ShapeSumsByGroup running_shape_sums(MeterPartition& partition, core::UtcDay day);

}  // namespace hhgrid::actors
