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
  const std::string gsp_group = group.gsp_group.to_string();
  const auto letter =
      gsp_group.empty() ? std::uint32_t{0} : static_cast<std::uint8_t>(gsp_group.back());
  const std::uint32_t domestic = group.domestic ? *group.domestic : 2;
  return letter << 16 | static_cast<std::uint32_t>(group.connection) << 12 |
         static_cast<std::uint32_t>(group.segment) << 8 |
         static_cast<std::uint32_t>(group.quantity) << 4 | domestic;
}

std::string day_key(core::UtcDay day) { return totals_table.key().day(day.value).str(); }

}  // namespace

void add_to(core::ShapeSums& sums, const core::ShapeSums& delta) {
  for (std::size_t i = 0; i < sums.energy_wh.size(); ++i) {
    sums.energy_wh[i] += delta.energy_wh[i];
    sums.count[i] += delta.count[i];
  }
}

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
    add_to(*total, sums);
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

void ShapeTotals::apply(const std::vector<GroupDaySums>& deltas, MarketEffects& effects) {
  std::map<std::pair<core::UtcDay, core::ShapeGroup>, const core::ShapeSums*> changed;
  for (const GroupDaySums& delta : deltas) {
    DayTotals& day = days_.at(delta.day.value);
    day.add(delta.group, delta.sums);
    changed[{delta.day, delta.group}] = day.find(delta.group);
  }
  for (const auto& [key, sums] : changed) {
    storage::RecordBuilder<schema::ShapeSumsRecord> record;
    write_shape_sums({key.second, key.first, *sums}, record->initSums());
    effects.put(Family::ledger, shape_totals_key(key.second, key.first), record.bytes());
  }
}

void ShapeTotals::trim() {
  if (days_.size() <= days_in_memory_max) return;
  std::int32_t newest = days_.begin()->first;
  for (const auto& [day, totals] : days_) newest = std::max(newest, day);
  absl::erase_if(days_, [&](const auto& day) { return day.first <= newest - days_kept; });
}

ShapeOverlay::ShapeOverlay(const ShapeTotals& totals, const std::vector<GroupDaySums>& run_only)
    : totals_(totals) {
  const auto add_one = [&](const core::ShapeGroup& group, core::UtcDay day,
                           const core::ShapeSums& delta) {
    auto& sums = sums_[{day.value, packed(group)}];
    if (!sums) {
      const core::ShapeSums* base = totals_.find(group, day);
      sums = base ? std::make_unique<core::ShapeSums>(*base) : std::make_unique<core::ShapeSums>();
    }
    add_to(*sums, delta);
  };
  for (const GroupDaySums& delta : run_only) {
    add_one(delta.group, delta.day, delta.sums);
    for (const auto& parent : parents_of(delta.group)) add_one(parent, delta.day, delta.sums);
  }
}

const core::ShapeSums* ShapeOverlay::find(const core::ShapeGroup& group, core::UtcDay day) const {
  if (!sums_.empty())
    if (const auto found = sums_.find({day.value, packed(group)}); found != sums_.end())
      return found->second.get();
  return totals_.find(group, day);
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
