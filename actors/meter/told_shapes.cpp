#include "actors/meter/told_shapes.hpp"

#include <algorithm>
#include <iterator>

#include "actors/host/message_codec.hpp"
#include "actors/meter/meter_partition.hpp"
#include "actors/meter/shape_changes.hpp"

namespace hhgrid::actors {
namespace {

using core::SettlementDay;
using storage::Family;
using storage::KeyWriter;

/// A UTC day whose changes the market has not been told.
constexpr std::string_view untold_tag = "u";
/// Late readings of a month and the days that come in. Of others what has changed is found by what
/// the market was told before.
constexpr std::size_t days_followed_max = 40;

std::string untold_key(core::UtcDay day) { return KeyWriter().tag('u').day(day.value).str(); }

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

ShapeSumsByDay ToldShapes::untold_of_block(const ShapeSumsByDay& changes) const {
  static const ShapeSumsByGroup none;
  const auto of = [](const ShapeSumsByDay& days, core::UtcDay day) -> const ShapeSumsByGroup& {
    const auto found = days.find(day);
    return found == days.end() ? none : found->second;
  };
  ShapeSumsByDay untold;
  for (const auto* days : {&changes, &told_changes_})
    for (const auto& [day, groups] : *days)
      if (auto rest = difference(of(changes, day), of(told_changes_, day)); !rest.empty())
        untold.insert_or_assign(day, std::move(rest));
  return untold;
}

ShapeSumsByDay ToldShapes::take_changes(MeterPartition& partition) {
  auto of_block = partition.ledger.shape_changes(partition.calendar);
  ShapeSumsByDay changed = untold_of_block(of_block), told;
  for (const auto day : untold_) {
    const auto followed = followed_.find(day);
    if (followed != followed_.end())
      add_to(changed[day], followed->second);
    else  // from the sums themselves, which hold what this block has changed too
      changed[day] =
          difference(running_shape_sums(partition, day), told_of(partition.store, told_, day));
  }
  for (auto& [day, groups] : changed) {
    groups = difference(groups, {});  // what blocks have changed and changed back is no change
    if (groups.empty()) continue;
    const auto before = told_of(partition.store, told_, day);
    for (const auto& [group, change] : groups) {
      core::ShapeSums& sums = told[day][group];
      if (const auto known = before.find(group); known != before.end()) sums = known->second;
      sums += change;
    }
  }
  std::erase_if(changed, [](const auto& day) { return day.second.empty(); });
  for (auto& [day, groups] : told)
    for (auto& [group, sums] : groups) told_[day][group] = sums;
  newly_told_.insert(untold_.begin(), untold_.end());
  untold_.clear();
  followed_.clear();
  told_changes_ = std::move(of_block);
  return changed;
}

tl::expected<void, storage::Error> ToldShapes::load(const storage::Store& store) {
  return storage::each_key(store, Family::ledger, untold_tag,
                           [&](storage::KeyReader& key) { untold_.insert({key.day()}); });
}

void ToldShapes::write(const ShapeSumsByDay& changes, storage::Commit& commit) {
  for (const auto day : newly_told_) commit.erase(Family::ledger, untold_key(day));
  for (auto& [day, groups] : untold_of_block(changes)) {
    const bool is_new = untold_.insert(day).second;
    if (is_new) commit.put(Family::ledger, untold_key(day), "");
    if (is_new || followed_.contains(day)) add_to(followed_[day], groups);
  }
  while (followed_.size() > days_followed_max) followed_.erase(followed_.begin());
  newly_told_.clear();
  told_changes_.clear();
  for (const auto& [day, groups] : told_)
    for (const auto& [group, sums] : groups) {
      storage::RecordBuilder<schema::ShapeSumsRecord> record;
      write_shape_sums({group, day, sums}, record->initSums());
      commit.put(Family::ledger, told_table.key().day(day.value).str() + group.to_string(),
                 record.bytes());
    }
  told_.clear();
}

}  // namespace hhgrid::actors
