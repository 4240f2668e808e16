#include <algorithm>

#include <fmt/format.h>

#include "actors/host/message_codec.hpp"
#include "actors/meter/meter_fold.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_codec.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using core::MeasurementQuantity;
using core::SettlementDay;
using storage::Family;

namespace {

/// How far back a load shape of a day can look: the days of the rolling annual total, and like days
/// before those.
constexpr int shape_history_days = 365 + core::like_days_limit;

std::string sent_key(core::UtcDay day, const core::ShapeGroup& group) {
  return storage::KeyWriter().tag(told_shapes_tag).day(day.value).str() + group.to_string();
}

bool same(const core::ShapeSums& a, const core::ShapeSums& b) {
  return a.energy_wh == b.energy_wh && a.count == b.count;
}

core::ShapeSums minus(core::ShapeSums a, const core::ShapeSums& b) {
  for (std::size_t i = 0; i < a.energy_wh.size(); ++i) {
    a.energy_wh[i] -= b.energy_wh[i];
    a.count[i] -= b.count[i];
  }
  return a;
}

/// now - then, groups without a change left out.
std::map<core::ShapeGroup, core::ShapeSums> difference(
    const std::map<core::ShapeGroup, core::ShapeSums>& now,
    const std::map<core::ShapeGroup, core::ShapeSums>& then) {
  std::map<core::ShapeGroup, core::ShapeSums> changes;
  static const core::ShapeSums none;
  for (const auto& [group, sums] : now) {
    const auto old = then.find(group);
    const auto& before = old == then.end() ? none : old->second;
    if (!same(sums, before)) changes[group] = minus(sums, before);
  }
  for (const auto& [group, sums] : then)
    if (!now.contains(group) && !same(sums, none)) changes[group] = minus(none, sums);
  return changes;
}

}  // namespace

MeterFold::ShapeSumsByGroup MeterFold::current_shape_sums(core::UtcDay day) {
  return shape_sums(day, calendar_, terms_, [this](SettlementDay d) { return &ledger_day(d); });
}

/// What the market partition has not been told yet; afterwards it has.
std::map<core::UtcDay, MeterFold::ShapeSumsByGroup> MeterFold::shape_deltas() {
  std::set<core::UtcDay> days;
  for (const auto day : unsent_days_)
    for (const auto& span : calendar_.spans_of(day)) days.insert(span.day);
  std::map<core::UtcDay, ShapeSumsByGroup> deltas;
  std::vector<std::pair<std::string, std::string>> puts;
  for (const auto day : days) {
    const auto now = current_shape_sums(day);
    const auto then = told_shape_sums(day);
    auto changes = difference(now, then);
    static const core::ShapeSums none;
    for (const auto& [group, change] : changes) {
      const auto sums = now.find(group);
      storage::RecordBuilder<schema::SentShapeRecord> record;
      write_shape_sums({group, day, sums == now.end() ? none : sums->second}, record->initSums());
      puts.emplace_back(sent_key(day, group), record.bytes());
    }
    if (!changes.empty()) deltas.emplace(day, std::move(changes));
  }
  std::move(puts.begin(), puts.end(), std::back_inserter(sent_puts_));
  sent_days_.insert(unsent_days_.begin(), unsent_days_.end());
  new_unsent_days_.clear();
  unsent_days_.clear();
  return deltas;
}

MeterFold::ShapeSumsByGroup MeterFold::told_shape_sums(core::UtcDay day) const {
  ShapeSumsByGroup told;
  const auto prefix = storage::KeyWriter().tag(told_shapes_tag).day(day.value).str();
  std::optional<storage::Error> failure;
  const auto take = [&](std::string_view key, std::string_view value) {
    const auto where = [&] {
      return store().path().string() + " ledger " + storage::printable_key(key);
    };
    auto sums = storage::read_record<schema::SentShapeRecord>(
        value, where, [](auto record) { return read_shape_sums(record.getSums()); });
    if (!sums) return failure = sums.error(), false;
    told[sums->group] = sums->sums;
    return true;
  };
  auto scanned = store().scan_prefix(Family::ledger, prefix, take);
  // An earlier marker of this block has told, too.
  for (const auto& [key, value] : sent_puts_)
    if (key.starts_with(prefix)) take(key, value);
  if (!scanned) throw_read_error(scanned.error());
  if (failure) throw_read_error(*failure);
  return told;
}

/// For a cut-off before the newest version of a day that the run's load shapes look back on: what
/// has to be added to the running sums of that day, for this run alone.
std::map<core::UtcDay, MeterFold::ShapeSumsByGroup> MeterFold::run_only_deltas(SettlementDay day,
                                                                               const AsOf& as_of) {
  const auto spans = calendar_.spans_of(day);
  const core::UtcDay last = spans.back().day;
  const core::UtcDay first = spans.front().day - shape_history_days;
  std::set<core::UtcDay> ahead;
  for (const auto& key : presence_.keys())
    if (first <= key.day && key.day <= last && is_settled(key.quantity) &&
        (newest_registration_ > as_of.cutoff() || presence_.newest(key) > as_of.cutoff()))
      ahead.insert(key.day);
  std::map<core::UtcDay, ShapeSumsByGroup> deltas;
  const storage::Store::View view(store());
  MeterState scratch;
  for (const auto utc_day : ahead) {
    Recomputed recomputed;
    if (auto done = recompute(
            view, store().path().string(), {utc_day}, calendar_,
            [&](std::uint64_t mpan) { return &peek(mpan, scratch); }, as_of, false, recomputed);
        !done)
      throw_read_error(done.error());
    const auto then =
        shape_sums(utc_day, calendar_, terms_, [&](SettlementDay d) -> const LedgerDay* {
          const auto it = recomputed.ledger.find(d);
          return it == recomputed.ledger.end() ? nullptr : &it->second;
        });
    auto changes = difference(then, current_shape_sums(utc_day));
    if (!changes.empty()) deltas.emplace(utc_day, std::move(changes));
  }
  return deltas;
}

}  // namespace hhgrid::actors
