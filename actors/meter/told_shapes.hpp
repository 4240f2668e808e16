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
  /// The sums of a settlement day have changed.
  void changed(core::SettlementDay day);
  /// What the market partition has not been told yet; afterwards it has. Throws before that.
  ShapeSumsByDay take_changes(MeterPartition& partition);

  tl::expected<void, storage::Error> load(const storage::Store& store);
  void write(storage::Commit& commit);

 private:
  std::set<core::SettlementDay> untold_;  // changed since the market partition was told
  std::set<core::SettlementDay> newly_untold_, newly_told_;  // of this block
  std::map<core::UtcDay, ShapeSumsByGroup> told_by_block_;   // not in the store yet
};

/// `init(n)` makes the list.
void write_shape_deltas(
    const ShapeSumsByDay& days,
    const std::function<capnp::List<schema::ShapeSums>::Builder(unsigned)>& init);

/// The load-shape sums of a UTC day by the running ledger.
ShapeSumsByGroup running_shape_sums(MeterPartition& partition, core::UtcDay day);

}  // namespace hhgrid::actors
