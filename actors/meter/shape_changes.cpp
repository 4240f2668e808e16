#include "actors/meter/shape_changes.hpp"

#include <stdexcept>

#include "actors/host/message_codec.hpp"
#include "actors/meter/arrivals.hpp"
#include "actors/meter/told_shapes.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

std::string shape_changes_key(core::Instant received_at, storage::BlockNumber block,
                              core::UtcDay day) {
  return shape_changes_table.key().u64(instant_in_key(received_at)).u64(block).day(day.value).str();
}

ShapeSumsByGroup read_shape_changes(schema::ShapeChangesRecord::Reader record, core::UtcDay day) {
  ShapeSumsByGroup changes;
  for (const auto one : record.getSums()) {
    const auto read = read_shape_sums(one);
    if (read.day != day) throw std::runtime_error("it is of another UTC day than its key");
    if (!changes.emplace(read.group, read.sums).second)
      throw std::runtime_error("a load-shape group stands twice");
  }
  return changes;
}

void write_shape_changes(core::Instant received_at, storage::BlockNumber block,
                         const ShapeSumsByDay& changes, storage::Commit& commit) {
  for (const auto& [day, groups] : changes) {
    storage::RecordBuilder<schema::ShapeChangesRecord> record;
    auto list = record->initSums(static_cast<unsigned>(groups.size()));
    unsigned i = 0;
    for (const auto& [group, sums] : groups) write_shape_sums({group, day, sums}, list[i++]);
    commit.put(storage::Family::arrival, shape_changes_key(received_at, block, day),
               record.bytes());
  }
}

void add_to(ShapeSumsByGroup& sums, const ShapeSumsByGroup& changes) {
  for (const auto& [group, change] : changes) sums[group] += change;
}

ShapeSumsByGroup negated(const ShapeSumsByGroup& changes) { return difference({}, changes); }

tl::expected<ShapeSumsByDay, storage::Error> later_shape_changes(const storage::Store& store,
                                                                 core::Instant cutoff,
                                                                 const ShapeDays& days) {
  ShapeSumsByDay later;
  const auto from = shape_changes_key({cutoff.milliseconds + 1}, 0, days.first);
  const auto read =
      shape_changes_table.each_from(store, from, [&](storage::KeyReader& key, auto record) {
        key.u64();
        key.u64();
        const core::UtcDay day{key.day()};
        if (days.contains(day)) add_to(later[day], read_shape_changes(record, day));
      });
  if (!read) return tl::unexpected(read.error());
  return later;
}

}  // namespace hhgrid::actors
