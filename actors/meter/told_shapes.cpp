#include "actors/meter/told_shapes.hpp"

#include <algorithm>
#include <iterator>

#include "actors/host/message_codec.hpp"
#include "actors/meter/meter_partition.hpp"

namespace hhgrid::actors {
namespace {

using core::SettlementDay;
using storage::Family;
using storage::KeyWriter;

/// A settlement day whose changes the market has not been told.
constexpr std::string_view untold_tag = "u";

std::string untold_key(SettlementDay day) { return KeyWriter().tag('u').day(day.value).str(); }

core::ShapeSums minus(core::ShapeSums a, const core::ShapeSums& b) {
  for (std::size_t i = 0; i < a.energy_wh.size(); ++i) {
    a.energy_wh[i] -= b.energy_wh[i];
    a.count[i] -= b.count[i];
  }
  return a;
}

/// By what is in the store, and in `by_block` since.
ShapeSumsByGroup told_of(const storage::Store& store, const ShapeSumsByDay& by_block,
                         core::UtcDay day) {
  ShapeSumsByGroup told;
  const auto read = told_table.each(store, told_table.key().day(day.value),
                                    [&](storage::KeyReader& key, auto record) {
                                      key.day();
                                      key.rest();
                                      const auto sums = read_shape_sums(record.getSums());
                                      told[sums.group] = sums.sums;
                                    });
  if (!read) throw_read_error(read.error());
  if (const auto later = by_block.find(day); later != by_block.end())
    for (const auto& [group, sums] : later->second) told[group] = sums;
  return told;
}

}  // namespace

ShapeSumsByGroup difference(const ShapeSumsByGroup& now, const ShapeSumsByGroup& then) {
  ShapeSumsByGroup changes;
  static const core::ShapeSums none;
  for (const auto& [group, sums] : now) {
    const auto old = then.find(group);
    const auto& before = old == then.end() ? none : old->second;
    if (sums != before) changes[group] = minus(sums, before);
  }
  for (const auto& [group, sums] : then)
    if (!now.contains(group) && sums != none) changes[group] = minus(none, sums);
  return changes;
}

void write_shape_deltas(
    const ShapeSumsByDay& days,
    const std::function<capnp::List<schema::ShapeSums>::Builder(unsigned)>& init) {
  unsigned count = 0;
  for (const auto& [day, groups] : days) count += static_cast<unsigned>(groups.size());
  auto list = init(count);
  unsigned i = 0;
  for (const auto& [day, groups] : days)
    for (const auto& [group, sums] : groups) write_shape_sums({group, day, sums}, list[i++]);
}

ShapeSumsByGroup running_shape_sums(MeterPartition& partition, core::UtcDay day) {
  return shape_sums(day, partition.calendar, partition.terms,
                    [&](SettlementDay d) { return &partition.ledger_day(d); });
}

void ToldShapes::changed(SettlementDay day) {
  if (!untold_.insert(day).second) return;
  newly_untold_.insert(day);
  newly_told_.erase(day);
}

ShapeSumsByDay ToldShapes::take_changes(MeterPartition& partition) {
  std::set<core::UtcDay> days;
  for (const auto day : untold_)
    for (const auto& span : partition.calendar.spans_of(day)) days.insert(span.day);
  ShapeSumsByDay changed, told;
  for (const auto day : days) {
    const auto now = running_shape_sums(partition, day);
    auto changes = difference(now, told_of(partition.store, told_by_block_, day));
    for (const auto& [group, change] : changes) {
      const auto sums = now.find(group);
      told[day][group] = sums == now.end() ? core::ShapeSums() : sums->second;
    }
    if (!changes.empty()) changed.emplace(day, std::move(changes));
  }
  for (auto& [day, groups] : told)
    for (auto& [group, sums] : groups) told_by_block_[day][group] = sums;
  newly_told_.insert(untold_.begin(), untold_.end());
  newly_untold_.clear();
  untold_.clear();
  return changed;
}

tl::expected<void, storage::Error> ToldShapes::load(const storage::Store& store) {
  return storage::each_key(store, Family::ledger, untold_tag, [&](storage::KeyReader& key) {
    untold_.insert(SettlementDay{key.day()});
  });
}

void ToldShapes::write(storage::Commit& commit) {
  for (const auto day : newly_told_) commit.erase(Family::ledger, untold_key(day));
  for (const auto day : newly_untold_) commit.put(Family::ledger, untold_key(day), "");
  newly_told_.clear();
  newly_untold_.clear();
  for (const auto& [day, groups] : told_by_block_)
    for (const auto& [group, sums] : groups) {
      storage::RecordBuilder<schema::ShapeSumsRecord> record;
      write_shape_sums({group, day, sums}, record->initSums());
      commit.put(Family::ledger, told_table.key().day(day.value).str() + group.to_string(),
                 record.bytes());
    }
  told_by_block_.clear();
}

}  // namespace hhgrid::actors
