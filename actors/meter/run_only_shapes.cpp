#include "actors/meter/run_only_shapes.hpp"

#include <set>

#include "actors/meter/ledger_builder.hpp"
#include "actors/meter/own_maximum.hpp"

namespace hhgrid::actors {
namespace {

/// How far back a load shape of a day can look: the days of the rolling annual total, and like days
/// before those.
constexpr int shape_history_days = 365 + core::like_days_limit;

using Touched = std::map<Presence::Key, Roaring>;

/// The running sums with what a UTC day's versions give as of then in place of what they give now.
class SumsAsOf {
 public:
  SumsAsOf(MeterPartition& partition, const JudgementAsOf& judgement, VersionReader& versions)
      : partition_(partition),
        judgement_(judgement),
        as_of_(judgement.as_of()),
        versions_(versions) {}

  ShapeSumsByGroup changes(core::UtcDay day, Touched::const_iterator first,
                           Touched::const_iterator last) {
    ShapeSumsByGroup sums;
    const auto spans = partition_.calendar.spans_of(day);
    for (auto it = first; it != last; ++it)
      for (const auto number : it->second) {
        const auto mpan = partition_.meters.mpans().at(number);
        const MeterState& meter = partition_.meters.peek(mpan, scratch_);
        const auto versions = versions_.versions(it->first, mpan);
        const MeterDay now = counting_day(versions), then = counting_day(versions, judgement_);
        for (const auto& span : spans) {
          add(governing_terms(meter, span.day), it->first.quantity, now, span, -1, sums);
          add(governing_terms(meter, span.day, as_of_), it->first.quantity, then, span, 1, sums);
        }
      }
    return difference(sums, {});
  }

 private:
  /// Energised members' values of qualities that count as actual (`arithmetic.md` 3).
  void add(std::optional<TermsId> id, core::MeasurementQuantity quantity, const MeterDay& values,
           const core::UtcDaySpan& span, int sign, ShapeSumsByGroup& sums) const {
    if (!id || !partition_.terms.at(*id).energised) return;
    core::ShapeSums* group = nullptr;
    for (int i = 0; i < span.count; ++i) {
      const auto utc = static_cast<std::size_t>(span.first_utc_period - 1 + i);
      if ((values.present >> utc & 1) == 0) continue;
      const auto quality = core::quality_class(values.quality[utc]);
      if (quality != core::QualityClass::actual && quality != core::QualityClass::other_actual)
        continue;
      if (group == nullptr) group = &sums[shape_group(partition_.terms.at(*id), quantity)];
      group->energy_wh[utc] += sign * values.energy_wh[utc];
      group->count[utc] += sign;
    }
  }

  MeterPartition& partition_;
  const JudgementAsOf& judgement_;
  const AsOf& as_of_;
  VersionReader& versions_;
  MeterState scratch_;
};

/// A UTC day made anew from all its versions.
ShapeSumsByGroup changes_of_all(MeterPartition& partition, core::UtcDay day,
                                const JudgementAsOf& judgement) {
  Recomputed recomputed;
  MeterState scratch;
  const storage::Store::View view(partition.store);
  if (auto done = recompute(
          view, {day}, [&](core::Mpan mpan) { return &partition.meters.peek(mpan, scratch); },
          judgement, recomputed);
      !done)
    throw_read_error(done.error());
  const auto then = shape_sums(day, partition.calendar, partition.terms,
                               [&](core::SettlementDay d) -> const LedgerDay* {
                                 const auto it = recomputed.ledger.find(d);
                                 return it == recomputed.ledger.end() ? nullptr : &it->second;
                               });
  return difference(then, running_shape_sums(partition, day));
}

/// What of a meter's terms says in which load shape it counts, and what of its readings is refused:
/// not its supplier.
std::optional<std::pair<core::ShapeGroup, bool>> place(const TermsTable& terms,
                                                       std::optional<TermsId> id) {
  if (!id) return std::nullopt;
  const core::Terms& of = terms.at(*id);
  return std::pair(shape_group(of, quantity_of(of.direction)), of.energised);
}

/// Whether a meter's place on any of the settlement days that share a UTC day is another as of
/// then, or its own limit of the quantity.
bool moved(const TermsTable& terms, const MeterState& meter, const Presence::Key& key,
           const std::vector<core::UtcDaySpan>& spans, const AsOf& as_of) {
  if (own_maxima(meter, key) != own_maxima(meter, key, as_of)) return true;
  return std::any_of(spans.begin(), spans.end(), [&](const auto& span) {
    const auto now = governing_terms(meter, span.day),
               then = governing_terms(meter, span.day, as_of);
    return now != then && place(terms, now) != place(terms, then);
  });
}

/// The crossed days: from their versions, meter by meter, or all when that is less work.
void add_crossed(MeterPartition& partition, const ShapeDays& days, const JudgementAsOf& judgement,
                 const LaterArrivals& later, VersionReader& versions, ShapeSumsByDay& deltas) {
  const auto wanted = [&](const Presence::Key& key) {
    return days.contains(key.day) && later.is_crossed(key.day) && core::is_settled(key.quantity);
  };
  Touched touched;
  std::set<core::UtcDay> anew;
  for (const auto& [key, meters] : later.days) {
    if (!wanted(key)) continue;
    if (meters.many)
      anew.insert(key.day);
    else
      touched[key] |= meters.numbers;
  }
  MeterState scratch;
  if (later.registered.many || !later.registered.numbers.isEmpty())
    for (const auto& key : partition.presence.keys()) {
      if (!wanted(key)) continue;
      if (later.registered.many) {
        anew.insert(key.day);
        continue;
      }
      const auto utc_spans = partition.calendar.spans_of(key.day);
      for (const auto number : later.registered.numbers)
        // What is refused of it now may have counted then.
        if (partition.presence.masks(key, number).stored() != 0 &&
            moved(partition.terms,
                  partition.meters.peek(partition.meters.mpans().at(number), scratch), key,
                  utc_spans, judgement.as_of()))
          touched[key].add(number);
    }
  for (const auto utc_day : anew) {
    auto changes = changes_of_all(partition, utc_day, judgement);
    if (!changes.empty()) deltas.emplace(utc_day, std::move(changes));
  }
  SumsAsOf sums(partition, judgement, versions);
  for (auto it = touched.begin(); it != touched.end();) {
    const auto utc_day = it->first.day;
    const auto end = touched.lower_bound({utc_day + 1, {}});
    if (!anew.contains(utc_day)) {
      auto changes = sums.changes(utc_day, it, end);
      if (!changes.empty()) deltas.emplace(utc_day, std::move(changes));
    }
    it = end;
  }
}

}  // namespace

ShapeDays shape_days_of(core::SettlementDay day, const core::SettlementCalendar& calendar) {
  const auto spans = calendar.spans_of(day);
  return {spans.front().day - shape_history_days, spans.back().day};
}

ShapeSumsByDay run_only_shapes(MeterPartition& partition, core::SettlementDay day,
                               const JudgementAsOf& judgement, const LaterArrivals& later,
                               VersionReader& versions) {
  ShapeSumsByDay deltas;
  if (later.empty()) return deltas;
  const ShapeDays days = shape_days_of(day, partition.calendar);
  for (const auto& [utc_day, changes] : later.shapes) {
    if (!days.contains(utc_day) || later.is_crossed(utc_day)) continue;
    auto taken_away = negated(changes);
    if (!taken_away.empty()) deltas.emplace(utc_day, std::move(taken_away));
  }
  if (later.all_crossed || !later.crossed.empty())
    add_crossed(partition, days, judgement, later, versions, deltas);
  return deltas;
}

}  // namespace hhgrid::actors
