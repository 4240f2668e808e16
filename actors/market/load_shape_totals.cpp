#include "actors/market/load_shape_totals.hpp"

#include <algorithm>
#include <map>

#include "storage/store/shape_group_key.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;

/// A run needs about 400 days back from its own.
constexpr std::size_t days_in_memory_max = 800;
constexpr int days_kept = 400;

/// A group in 32 bits: what the tables in memory are keyed by.
std::uint32_t packed(const core::ShapeGroup& group) {
  const std::uint32_t letter = static_cast<std::uint8_t>(group.gsp_group.letter());
  const std::uint32_t domestic = group.domestic ? *group.domestic : 2;
  return letter << 16 | static_cast<std::uint32_t>(group.connection) << 12 |
         static_cast<std::uint32_t>(group.segment) << 8 |
         static_cast<std::uint32_t>(group.quantity) << 4 | domestic;
}

void take_away(const core::ShapeSums& what, core::ShapeSums& from) {
  for (std::size_t i = 0; i < from.count.size(); ++i) {
    from.energy_wh[i] -= what.energy_wh[i];
    from.count[i] -= what.count[i];
  }
}

std::string day_key(core::UtcDay day) { return totals_table.key().day(day.value).str(); }

}  // namespace

std::array<core::ShapeGroup, 2> parents_of(const core::ShapeGroup& group) {
  core::ShapeGroup without_domestic = group;
  without_domestic.domestic.reset();
  core::ShapeGroup without_gsp_group = without_domestic;
  without_gsp_group.gsp_group = {};
  return {without_domestic, without_gsp_group};
}

const core::ShapeSums* DayTotals::find(const core::ShapeGroup& group) const {
  const auto found = sums_.find(packed(group));
  return found == sums_.end() ? nullptr : found->second.get();
}

void DayTotals::add(const core::ShapeGroup& full_group, const core::ShapeSums& sums) {
  const auto add_one = [&](const core::ShapeGroup& group) {
    auto& total = sums_[packed(group)];
    if (!total) total = std::make_unique<core::ShapeSums>();
    *total += sums;
  };
  groups_.insert(full_group);
  add_one(full_group);
  for (const auto& parent : parents_of(full_group)) add_one(parent);
}

void ShapeTotals::require(core::UtcDay first, core::UtcDay last) {
  absl::flat_hash_map<std::int32_t, DayTotals> read;
  for (core::UtcDay day = first; day <= last; day = day + 1) {
    if (days_.contains(day.value)) continue;
    core::UtcDay end = day;
    while (end < last && !days_.contains(end.value + 1)) end = end + 1;
    for (core::UtcDay d = day; d <= end; d = d + 1) read.try_emplace(d.value);
    read_days_(day, end, [&](const GroupDaySums& stored) {
      read[stored.day.value].add(stored.group, stored.sums);
    });
    day = end;
  }
  for (auto& [day, totals] : read) days_.emplace(day, std::move(totals));
}

const core::ShapeSums* ShapeTotals::find(const core::ShapeGroup& group, core::UtcDay day) const {
  const auto found = days_.find(day.value);
  return found == days_.end() ? nullptr : found->second.find(group);
}

void ShapeTotals::apply(const ShapeSumsByDay& deltas, MarketEffects& effects) {
  for (const auto& [day, groups] : deltas) {
    DayTotals& totals = days_.at(day.value);
    for (const auto& [group, delta] : groups) {
      totals.add(group, delta);
      storage::RecordBuilder<schema::ShapeSumsRecord> record;
      write_shape_sums({group, day, *totals.find(group)}, record->initSums());
      effects.put(Family::ledger, shape_totals_key(group, day), record.bytes());
    }
  }
}

void ShapeTotals::trim() {
  if (days_.size() <= days_in_memory_max) return;
  std::int32_t newest = days_.begin()->first;
  for (const auto& [day, totals] : days_) newest = std::max(newest, day);
  absl::erase_if(days_, [&](const auto& day) { return day.first <= newest - days_kept; });
}

void RunOnlySums::add(const GroupDaySums& change) {
  OfDay& day = days_[change.day.value];
  const auto [place, inserted] =
      day.places.try_emplace(packed(change.group), static_cast<std::uint32_t>(day.groups.size()));
  if (inserted)
    day.groups.push_back({change.group, change.sums});
  else
    day.groups[place->second].sums += change.sums;
}

std::vector<core::UtcDay> RunOnlySums::days() const {
  std::vector<core::UtcDay> days;
  for (const auto& [day, groups] : days_) days.push_back(core::UtcDay{day});
  std::sort(days.begin(), days.end());
  return days;
}

const core::ShapeSums* ShapeOverlay::find(const core::ShapeGroup& group, core::UtcDay day) {
  const core::ShapeSums* total = totals_.find(group, day);
  const auto changes = run_only_.days_.find(day.value);
  if (changes == run_only_.days_.end()) return total;
  if (!group.domestic) {  // a parent
    const auto [found, inserted] = parents_.try_emplace({day, group});
    if (inserted) found->second = parent(group, day, changes->second);
    return &found->second;
  }
  const auto place = changes->second.places.find(packed(group));
  if (place == changes->second.places.end()) return total;
  auto& own = changes->second.groups[place->second];
  if (total != nullptr && !own.whole) own.sums += *total;
  own.whole = true;
  return &own.sums;
}

core::ShapeSums ShapeOverlay::parent(const core::ShapeGroup& group, core::UtcDay day,
                                     const RunOnlySums::OfDay& changes) const {
  core::ShapeSums sums;
  if (const auto* total = totals_.find(group, day)) sums = *total;
  for (const auto& of_group : changes.groups) {
    const auto parents = parents_of(of_group.group);
    if (std::find(parents.begin(), parents.end(), group) == parents.end()) continue;
    sums += of_group.sums;
    if (const auto* total = of_group.whole ? totals_.find(of_group.group, day) : nullptr)
      take_away(*total, sums);
  }
  return sums;
}

std::string shape_totals_key(const core::ShapeGroup& full_group, core::UtcDay day) {
  return day_key(day) + storage::shape_group_key(full_group);
}

void read_shape_totals(const storage::Store& store, core::UtcDay first, core::UtcDay last,
                       const ShapeTotals::Add& add) {
  const auto read =
      totals_table.each_from(store, day_key(first), [&](storage::KeyReader& key, auto record) {
        const core::UtcDay day{key.day()};
        const std::string_view group = key.rest();
        if (last < day) return false;
        const GroupDaySums sums = read_shape_sums(record.getSums());
        if (sums.day != day || storage::shape_group_key(sums.group) != group)
          throw TurnFailure("the sums are of another group or day");
        add(sums);
        return true;
      });
  if (!read) throw_read_error(read.error());
}

}  // namespace hhgrid::actors
