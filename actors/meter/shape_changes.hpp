#pragma once

#include <string>

#include "actors/meter/ledger.hpp"
#include "core/types.hpp"
#include "storage/store/store.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

// By how much each block has changed the load-shape sums of its partition, by the time at which it
// was received: so a run takes away from the running sums what came after its cut-off.

inline constexpr storage::Table<schema::ShapeChangesRecord> shape_changes_table{
    storage::Family::arrival, "s"};
std::string shape_changes_key(core::Instant received_at, storage::BlockNumber block,
                              core::UtcDay day);
/// Throws when the record does not hold.
ShapeSumsByGroup read_shape_changes(schema::ShapeChangesRecord::Reader record, core::UtcDay day);
void write_shape_changes(core::Instant received_at, storage::BlockNumber block,
                         const ShapeSumsByDay& changes, storage::Commit& commit);

/// Adds group by group.
void add_to(ShapeSumsByGroup& sums, const ShapeSumsByGroup& changes);
/// Takes every change back.
ShapeSumsByGroup negated(const ShapeSumsByGroup& changes);

/// The UTC days from `first` to `last`.
struct ShapeDays {
  core::UtcDay first, last;
  bool contains(core::UtcDay day) const { return first <= day && day <= last; }
};
/// The changes of some UTC days that were received after a cut-off, added up. Errors: damaged, io.
tl::expected<ShapeSumsByDay, storage::Error> later_shape_changes(const storage::Store& store,
                                                                 core::Instant cutoff,
                                                                 const ShapeDays& days);

}  // namespace hhgrid::actors
