#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "actors/host/message_codec.hpp"
#include "actors/meter/meter_fold.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_codec.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using core::Direction;
using core::MeasurementQuantity;
using core::QualityClass;
using core::SettlementDay;
using storage::Family;

namespace {

constexpr std::size_t meters_ahead = 8;  // as many as memory can be asked for at a time

std::uint64_t period_mask(int first, int count) {
  return ((std::uint64_t{1} << count) - 1) << (first - 1);
}

void write_deltas(const std::map<core::UtcDay, std::map<core::ShapeGroup, core::ShapeSums>>& days,
                  const std::function<capnp::List<schema::ShapeSums>::Builder(unsigned)>& init) {
  unsigned count = 0;
  for (const auto& [day, groups] : days) count += static_cast<unsigned>(groups.size());
  auto list = init(count);
  unsigned i = 0;
  for (const auto& [day, groups] : days)
    for (const auto& [group, sums] : groups) write_shape_sums({group, day, sums}, list[i++]);
}

}  // namespace

// -- the marker ---------------------------------------------------------------------------------

/// A run marker: fixes what this partition's meters took on the settlement day as of the cut-off,
/// and what is missing.
void MeterFold::marker_turn(schema::RunMarker::Reader marker, const TurnContext& context) {
  const SettlementDay day{marker.getSettlementDay()};
  const core::Instant cutoff{marker.getCutoff()};
  if (!core::SettlementCalendar::covers(day.value))
    throw TurnFailure(
        fmt::format("settlement day number {} is outside the settlement calendar", day.value));
  const AsOf as_of(context.position, cutoff,
                   [this](storage::Position p) { return received_at(p); });
  const bool current = !newer_than(day, cutoff);
  const Frozen frozen = current ? freeze(day) : freeze_as_of(day, as_of);
  const auto run_only = run_only_deltas(day, as_of);
  const auto changes =
      shape_deltas();  // the market partition is taken to know them, so nothing after this may fail

  capnp::MallocMessageBuilder message(1 << 16);
  auto root = message.initRoot<schema::Entry>();
  root.setFormatVersion(schema::ENTRY_FORMAT);
  auto out = root.initRunSums();
  out.setRunNumber(marker.getRunNumber());
  out.setPartition(id());
  out.setMarkerPosition(context.position.number());
  write_deltas(changes, [&](unsigned n) { return out.initShapeDeltas(n); });
  write_deltas(run_only, [&](unsigned n) { return out.initRunOnlyDeltas(n); });
  write_components(frozen, out);
  std::set<std::pair<core::ShapeGroup, core::UtcDay>> groups;
  for (const auto& meter : frozen.missing)
    for (const auto& d : meter.days)
      groups.emplace(shape_group(terms_.at(meter.terms), meter.quantity), d.day);
  auto missing = out.initMissing(static_cast<unsigned>(groups.size()));
  unsigned i = 0;
  for (const auto& [group, utc_day] : groups) {
    write_group(group, missing[i].initGroup());
    missing[i++].setUtcDay(utc_day.value);
  }
  out.setLedgerDigest(frozen.rows == nullptr ? 0 : ledger_digest(day, *frozen.rows));
  put_missing(marker.getRunNumber(), day, frozen.missing);
  send(identity().topology.market(), message);
}

/// A partition that cannot take part in a run says so in place of its sums or defaults: the run is
/// refused, and later ones go on.
bool MeterFold::answers_failure(const schema::Entry::Reader& entry, const std::string& reason) {
  if (!entry.isRunMarker() && !entry.isRunShapes()) return false;
  const std::string text = fmt::format("Partition {} cannot take part: {}", id(), reason);
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<schema::Entry>();
  root.setFormatVersion(schema::ENTRY_FORMAT);
  const auto fill = [&](auto out, std::uint32_t run) {
    out.setRunNumber(run);
    out.setPartition(id());
    out.setFailure(text);
  };
  if (entry.isRunMarker())
    fill(root.initRunSums(), entry.getRunMarker().getRunNumber());
  else
    fill(root.initRunDefaults(), entry.getRunShapes().getRunNumber());
  send(identity().topology.market(), message);
  return true;
}

void MeterFold::write_components(const Frozen& frozen, schema::RunSums::Builder out) {
  // Every set of terms somebody is registered on has a component, and every one with a value.
  std::set<LedgerDay::Key> keys;
  for (const auto& [terms, n] : frozen.registered)
    keys.insert(LedgerDay::key(terms, quantity_of(terms_.at(terms).direction)));
  if (frozen.rows != nullptr)
    for (const auto key : frozen.rows->keys())
      if (is_settled(LedgerDay::quantity_of(key)) && !frozen.rows->at(key).empty())
        keys.insert(key);
  auto components = out.initComponents(static_cast<unsigned>(keys.size()));
  unsigned i = 0;
  for (const auto key : keys) {
    auto component = components[i++];
    const TermsId id = LedgerDay::terms_of(key);
    const auto quantity = LedgerDay::quantity_of(key);
    const auto& terms = terms_.at(id);
    storage::write_terms(terms, component.initTerms());
    component.setQuantity(static_cast<std::uint8_t>(quantity));
    const auto n = frozen.registered.find(id);
    const bool counted =
        terms.energised && quantity == quantity_of(terms.direction) && n != frozen.registered.end();
    component.setMsidCount(counted ? n->second : 0);
    if (quantity == quantity_of(terms.direction) && n != frozen.registered.end())
      component.setMeterCount(n->second);
    const LedgerRow* row = frozen.rows == nullptr ? nullptr : frozen.rows->find(id, quantity);
    if (row == nullptr) continue;
    if (const auto* sums = row->find(QualityClass::actual))
      write_trimmed(sums->energy_wh, [&](unsigned n) { return component.initActualWh(n); });
    if (const auto* sums = row->find(QualityClass::other_actual))
      write_trimmed(sums->energy_wh, [&](unsigned n) { return component.initOtherActualWh(n); });
    if (const auto* sums = row->find(QualityClass::estimated))
      write_trimmed(sums->energy_wh, [&](unsigned n) { return component.initEstimatedWh(n); });
  }
}

/// True when something about the day was received after the cut-off, so that the running ledger is
/// ahead of the run.
bool MeterFold::newer_than(SettlementDay day, core::Instant cutoff) const {
  if (newest_registration_ > cutoff) return true;
  for (const auto& span : calendar_.spans_of(day))
    for (const auto quantity :
         {MeasurementQuantity::active_import, MeasurementQuantity::active_export,
          MeasurementQuantity::reactive_import, MeasurementQuantity::reactive_export})
      if (presence_.newest({span.day, quantity}) > cutoff)
        return true;  // the digest is of all quantities
  return false;
}

MeterFold::Frozen MeterFold::freeze(SettlementDay day) {
  Frozen frozen;
  frozen.rows = &ledger_day(day);
  frozen.registered = population_.registered(day);
  const auto spans = calendar_.spans_of(day);
  for (const auto direction : {Direction::import_, Direction::export_}) {
    const auto quantity = quantity_of(direction);
    auto candidates = population_.expected(direction, day);
    auto complete = candidates;
    for (const auto& span : spans) {
      const auto* whole = presence_.complete({span.day, quantity});
      if (whole != nullptr)
        complete &= *whole;
      else
        complete = Roaring();
    }
    candidates -= complete;
    for (const auto number : candidates) {
      Missing missing{mpans_.at(number), 0, quantity, {}};
      for (const auto& span : spans) {
        const auto periods = period_mask(span.first_utc_period, span.count) &
                             ~presence_.mask({span.day, quantity}, number);
        if (periods != 0) missing.days.push_back({span.day, periods, std::nullopt});
      }
      if (!missing.days.empty()) frozen.missing.push_back(std::move(missing));
    }
  }
  say_what_governs(day, frozen.missing);
  std::sort(frozen.missing.begin(), frozen.missing.end(), [](const auto& a, const auto& b) {
    return std::tie(a.mpan, a.quantity) < std::tie(b.mpan, b.quantity);
  });
  return frozen;
}

/// Looks up each meter's terms and annual consumption.
void MeterFold::say_what_governs(SettlementDay day, std::vector<Missing>& missing_meters) {
  MeterState scratch;
  for (std::size_t i = 0; i < missing_meters.size(); ++i) {
    // Nearly each of these meters is a miss of the processor's caches, in the index and in the
    // state.
    const auto ahead = [&](std::size_t turns) {
      return missing_meters[std::min(i + turns, missing_meters.size() - 1)].mpan;
    };
    meters_.prefetch_place(ahead(2 * meters_ahead));
    meters_.prefetch_state(ahead(meters_ahead));
    Missing& missing = missing_meters[i];
    const MeterState& meter = peek(missing.mpan, scratch);
    missing.terms = governing_terms(meter, day).value();
    for (auto& d : missing.days) d.annual_consumption = annual_consumption(meter, d.day);
  }
}

/// The same from stored versions, for a cut-off that lies before the newest of them. Gives the same
/// bits.
MeterFold::Frozen MeterFold::freeze_as_of(SettlementDay day, const AsOf& as_of) {
  const auto spans = calendar_.spans_of(day);
  std::vector<core::UtcDay> days;
  for (const auto& span : spans) days.push_back(span.day);
  Recomputed recomputed;
  MeterState scratch;
  const storage::Store::View view(store());
  if (auto done = recompute(
          view, store().path().string(), days, calendar_,
          [&](std::uint64_t mpan) { return &peek(mpan, scratch); }, as_of, true, recomputed);
      !done)
    throw_read_error(done.error());
  Frozen frozen;
  frozen.recomputed = std::make_unique<LedgerDay>(std::move(recomputed.ledger[day]));
  frozen.rows = frozen.recomputed.get();
  for (const auto mpan : mpans_) {
    const MeterState& meter = peek(mpan, scratch);
    const auto terms = governing_terms(meter, day, as_of);
    if (!terms) continue;
    ++frozen.registered[*terms];
    if (!terms_.at(*terms).energised) continue;
    Missing missing{mpan, *terms, quantity_of(terms_.at(*terms).direction), {}};
    for (const auto& span : spans) {
      const auto& present = recomputed.present[{span.day, missing.quantity}];
      const auto known = present.find(mpan);
      const auto periods = period_mask(span.first_utc_period, span.count) &
                           ~(known == present.end() ? 0 : known->second);
      if (periods != 0)
        missing.days.push_back({span.day, periods, annual_consumption(meter, span.day, as_of)});
    }
    if (!missing.days.empty()) frozen.missing.push_back(std::move(missing));
  }
  std::sort(frozen.missing.begin(), frozen.missing.end(), [](const auto& a, const auto& b) {
    return std::tie(a.mpan, a.quantity) < std::tie(b.mpan, b.quantity);
  });
  return frozen;
}

}  // namespace hhgrid::actors
