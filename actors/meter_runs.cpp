#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "actors/message_codec.hpp"
#include "actors/meter_fold.hpp"
#include "storage/entry_codec.hpp"
#include "storage/key.hpp"
#include "storage/record.hpp"
#include "storage/schema/record.capnp.h"

namespace hhgrid::actors {

using core::Direction;
using core::MeasurementQuantity;
using core::QualityClass;
using core::SettlementDay;
using storage::Family;

namespace {

/// How far back a load shape of a day can look: the days of the rolling annual total, and like days before those.
constexpr int shape_history_days = 365 + 28;

MeasurementQuantity quantity_of(Direction direction) {
  return direction == Direction::import_ ? MeasurementQuantity::active_import : MeasurementQuantity::active_export;
}

bool is_settled(MeasurementQuantity quantity) {
  return quantity == MeasurementQuantity::active_import || quantity == MeasurementQuantity::active_export;
}

std::uint64_t period_mask(int first, int count) { return ((std::uint64_t{1} << count) - 1) << (first - 1); }

std::string missing_key(std::uint32_t run) { return storage::KeyWriter().tag('m').u32(run).str(); }

std::string sent_key(core::UtcDay day, const core::ShapeGroup& group) {
  return storage::KeyWriter().tag('s').day(day.value).str() + group.to_string();
}

bool same(const core::ShapeSums& a, const core::ShapeSums& b) { return a.energy_wh == b.energy_wh && a.count == b.count; }

core::ShapeSums minus(core::ShapeSums a, const core::ShapeSums& b) {
  for (std::size_t i = 0; i < a.energy_wh.size(); ++i) {
    a.energy_wh[i] -= b.energy_wh[i];
    a.count[i] -= b.count[i];
  }
  return a;
}

/// now - then, groups without a change left out.
std::map<core::ShapeGroup, core::ShapeSums> difference(const std::map<core::ShapeGroup, core::ShapeSums>& now,
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

/// A run marker: fixes what this partition's meters took on the settlement day as of the cut-off, and what is missing.
void MeterFold::marker_turn(schema::RunMarker::Reader marker, const TurnContext& context) {
  const SettlementDay day{marker.getSettlementDay()};
  const core::Instant cutoff{marker.getCutoff()};
  if (!core::SettlementCalendar::covers(day.value))
    throw TurnFailure(fmt::format("settlement day number {} is outside the settlement calendar", day.value));
  const AsOf as_of(context.position, cutoff, [this](storage::Position p) { return received_at(p); });
  const bool current = !newer_than(day, cutoff);
  const Frozen frozen = current ? freeze(day) : freeze_as_of(day, as_of);
  const auto run_only = run_only_deltas(day, as_of);
  const auto changes = shape_deltas();  // the market partition is taken to know them, so nothing after this may fail

  capnp::MallocMessageBuilder message(1 << 16);
  auto root = message.initRoot<schema::Entry>();
  root.setFormatVersion(schema::ENTRY_FORMAT);
  auto out = root.initRunSums();
  out.setRunNumber(marker.getRunNumber());
  out.setPartition(id());
  out.setMarkerPosition(context.position);
  write_deltas(changes, [&](unsigned n) { return out.initShapeDeltas(n); });
  write_deltas(run_only, [&](unsigned n) { return out.initRunOnlyDeltas(n); });
  write_components(frozen, out);
  std::set<std::pair<core::ShapeGroup, core::UtcDay>> groups;
  for (const auto& meter : frozen.missing)
    for (const auto& d : meter.days) groups.emplace(shape_group(terms_.at(meter.terms), meter.quantity), d.day);
  auto missing = out.initMissing(static_cast<unsigned>(groups.size()));
  unsigned i = 0;
  for (const auto& [group, utc_day] : groups) {
    write_group(group, missing[i].initGroup());
    missing[i++].setUtcDay(utc_day.value);
  }
  out.setLedgerDigest(frozen.rows == nullptr ? 0 : ledger_digest(day, *frozen.rows));
  put_missing(marker.getRunNumber(), day, frozen.missing);
  send(identity().meter_partitions, message);
}

void MeterFold::write_components(const Frozen& frozen, schema::RunSums::Builder out) {
  // Every set of terms somebody is registered on has a component, and every one with a value.
  std::set<LedgerDay::Key> keys;
  for (const auto& [terms, n] : frozen.registered) keys.insert(LedgerDay::key(terms, quantity_of(terms_.at(terms).direction)));
  if (frozen.rows != nullptr)
    for (const auto key : frozen.rows->keys())
      if (is_settled(LedgerDay::quantity_of(key)) && !frozen.rows->at(key).empty()) keys.insert(key);
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
    const bool counted = terms.energised && quantity == quantity_of(terms.direction) && n != frozen.registered.end();
    component.setMsidCount(counted ? n->second : 0);
    if (quantity == quantity_of(terms.direction) && n != frozen.registered.end()) component.setMeterCount(n->second);
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

/// True when something about the day was received after the cut-off, so that the running ledger is ahead of the run.
bool MeterFold::newer_than(SettlementDay day, core::Instant cutoff) const {
  if (newest_registration_ > cutoff) return true;
  for (const auto& span : calendar_.spans_of(day))
    for (const auto quantity : {MeasurementQuantity::active_import, MeasurementQuantity::active_export,
                                MeasurementQuantity::reactive_import, MeasurementQuantity::reactive_export})
      if (presence_.newest({span.day, quantity}) > cutoff) return true;  // the digest is of all quantities
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
    const auto expected = candidates;
    auto complete = expected;
    for (const auto& span : spans) {
      const auto* whole = presence_.complete({span.day, quantity});
      if (whole != nullptr) complete &= *whole;
      else complete = Roaring();
    }
    candidates -= complete;
    for (const auto number : candidates) {
      Missing missing{mpans_.at(number), 0, quantity, {}};
      for (const auto& span : spans) {
        const auto periods = period_mask(span.first_utc_period, span.count) & ~presence_.mask({span.day, quantity}, number);
        if (periods != 0) missing.days.push_back({span.day, periods, std::nullopt});
      }
      if (missing.days.empty()) continue;
      const MeterState& meter = *find_meter(missing.mpan);
      missing.terms = governing_terms(meter, day).value();
      for (auto& d : missing.days) d.annual_consumption = annual_consumption(meter, d.day);
      frozen.missing.push_back(std::move(missing));
    }
  }
  std::sort(frozen.missing.begin(), frozen.missing.end(),
            [](const auto& a, const auto& b) { return std::tie(a.mpan, a.quantity) < std::tie(b.mpan, b.quantity); });
  return frozen;
}

/// The same from stored versions, for a cut-off that lies before the newest of them. Gives the same bits.
MeterFold::Frozen MeterFold::freeze_as_of(SettlementDay day, const AsOf& as_of) {
  const auto spans = calendar_.spans_of(day);
  std::vector<core::UtcDay> days;
  for (const auto& span : spans) days.push_back(span.day);
  Recomputed recomputed;
  const storage::Store::View view(store());
  if (auto done = recompute(view, store().path().string(), days, calendar_,
                            [this](std::uint64_t mpan) { return find_meter(mpan); }, as_of, true, recomputed);
      !done)
    throw TurnFailure(done.error().text);
  Frozen frozen;
  frozen.recomputed = std::make_unique<LedgerDay>(std::move(recomputed.ledger[day]));
  frozen.rows = frozen.recomputed.get();
  for (const auto mpan : mpans_) {
    const MeterState& meter = *find_meter(mpan);
    const auto terms = governing_terms(meter, day, as_of);
    if (!terms) continue;
    ++frozen.registered[*terms];
    if (!terms_.at(*terms).energised) continue;
    Missing missing{mpan, *terms, quantity_of(terms_.at(*terms).direction), {}};
    for (const auto& span : spans) {
      const auto& present = recomputed.present[{span.day, missing.quantity}];
      const auto known = present.find(mpan);
      const auto periods =
          period_mask(span.first_utc_period, span.count) & ~(known == present.end() ? 0 : known->second);
      if (periods != 0) missing.days.push_back({span.day, periods, annual_consumption(meter, span.day, as_of)});
    }
    if (!missing.days.empty()) frozen.missing.push_back(std::move(missing));
  }
  std::sort(frozen.missing.begin(), frozen.missing.end(),
            [](const auto& a, const auto& b) { return std::tie(a.mpan, a.quantity) < std::tie(b.mpan, b.quantity); });
  return frozen;
}

// -- load-shape sums ----------------------------------------------------------------------------

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
  const auto prefix = storage::KeyWriter().tag('s').day(day.value).str();
  std::optional<storage::Error> failure;
  auto scanned = store().scan_prefix(Family::ledger, prefix, [&](std::string_view key, std::string_view value) {
    const auto where = store().path().string() + " ledger " + storage::printable_key(key);
    auto sums = storage::read_record<schema::SentShapeRecord>(
        value, where, [](auto record) { return read_shape_sums(record.getSums()); });
    if (!sums) return failure = sums.error(), false;
    told[sums->group] = sums->sums;
    return true;
  });
  if (!scanned) throw TurnFailure(scanned.error().text);
  if (failure) throw TurnFailure(failure->text);
  return told;
}

/// For a cut-off before the newest version of a day that the run's load shapes look back on: what has to be added to the
/// running sums of that day, for this run alone.
std::map<core::UtcDay, MeterFold::ShapeSumsByGroup> MeterFold::run_only_deltas(SettlementDay day, const AsOf& as_of) {
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
  for (const auto utc_day : ahead) {
    Recomputed recomputed;
    if (auto done = recompute(view, store().path().string(), {utc_day}, calendar_,
                              [this](std::uint64_t mpan) { return find_meter(mpan); }, as_of, false, recomputed);
        !done)
      throw TurnFailure(done.error().text);
    const auto then = shape_sums(utc_day, calendar_, terms_, [&](SettlementDay d) -> const LedgerDay* {
      const auto it = recomputed.ledger.find(d);
      return it == recomputed.ledger.end() ? nullptr : &it->second;
    });
    auto changes = difference(then, current_shape_sums(utc_day));
    if (!changes.empty()) deltas.emplace(utc_day, std::move(changes));
  }
  return deltas;
}

// -- what is missing, between marker and shapes --------------------------------------------------

void MeterFold::put_missing(std::uint32_t run, SettlementDay day, const std::vector<Missing>& missing) {
  storage::RecordBuilder<schema::MissingRecord> record;
  record->setSettlementDay(day.value);
  auto meters = record->initMeters(static_cast<unsigned>(missing.size()));
  for (unsigned i = 0; i < meters.size(); ++i) {
    meters[i].setMpan(missing[i].mpan);
    meters[i].setTermsId(missing[i].terms);
    meters[i].setQuantity(static_cast<std::uint8_t>(missing[i].quantity));
    auto days = meters[i].initDays(static_cast<unsigned>(missing[i].days.size()));
    for (unsigned d = 0; d < days.size(); ++d) {
      const auto& from = missing[i].days[d];
      days[d].setUtcDay(from.day.value);
      days[d].setMissing(from.periods);
      days[d].setAnnualConsumptionKnown(from.annual_consumption.has_value());
      days[d].setAnnualConsumptionWh(from.annual_consumption.value_or(0));
    }
  }
  run_puts_.emplace_back(missing_key(run), record.bytes());
}

std::vector<MeterFold::Missing> MeterFold::get_missing(std::uint32_t run, SettlementDay& day) const {
  const auto bytes = store().get(Family::run, missing_key(run));
  if (!bytes) throw TurnFailure(bytes.error().text);
  if (!*bytes) throw TurnFailure(fmt::format("run {} has no marker in this partition", run));
  const auto where = fmt::format("{} run {} missing", store().path().string(), run);
  auto missing = storage::read_record<schema::MissingRecord>(**bytes, where, [&](auto record) {
    day.value = record.getSettlementDay();
    std::vector<Missing> meters;
    for (const auto meter : record.getMeters()) {
      Missing m{meter.getMpan(), meter.getTermsId(), static_cast<MeasurementQuantity>(meter.getQuantity()), {}};
      for (const auto d : meter.getDays())
        m.days.push_back({core::UtcDay{d.getUtcDay()}, d.getMissing(),
                          d.getAnnualConsumptionKnown() ? std::optional(d.getAnnualConsumptionWh()) : std::nullopt});
      meters.push_back(std::move(m));
    }
    return meters;
  });
  if (!missing) throw TurnFailure(missing.error().text);
  return std::move(*missing);
}

/// The run's load shapes are here: default what the marker found missing (`arithmetic.md` 4), per meter and period.
void MeterFold::shapes_turn(schema::RunShapes::Reader shapes) {
  const std::uint32_t run = shapes.getRunNumber();
  SettlementDay day;
  const auto missing = get_missing(run, day);
  std::map<std::pair<core::ShapeGroup, core::UtcDay>, core::Shape> by_group;
  for (const auto values : shapes.getShapes()) {
    auto shape = read_shape_values(values);
    by_group.emplace(std::pair(shape.group, shape.day), shape.shape);
  }
  struct Sums {
    core::PeriodEnergy energy_wh{};
    std::uint32_t periods = 0;
  };
  std::map<LedgerDay::Key, Sums> sums;
  std::vector<core::Exception> exceptions;
  const auto spans = calendar_.spans_of(day);
  static const core::Shape no_shape = [] {
    core::Shape none;
    none.flag.fill(core::ShapeFlag::no_data);
    return none;
  }();
  for (const auto& meter : missing) {
    auto& sum = sums[LedgerDay::key(meter.terms, meter.quantity)];
    const auto group = shape_group(terms_.at(meter.terms), meter.quantity);
    storage::RecordBuilder<schema::MeterDefaults> record;
    auto days = record->initDays(static_cast<unsigned>(meter.days.size()));
    bool exception = false;
    for (unsigned d = 0; d < days.size(); ++d) {
      const auto& absent = meter.days[d];
      const auto found = by_group.find({group, absent.day});
      const core::Shape& shape = found == by_group.end() ? no_shape : found->second;
      const auto& span = *std::find_if(spans.begin(), spans.end(), [&](const auto& s) { return s.day == absent.day; });
      const auto count = static_cast<unsigned>(std::popcount(absent.periods));
      days[d].setUtcDay(absent.day.value);
      days[d].setPresent(absent.periods);
      auto energy = days[d].initEnergyWh(count);
      auto flags = days[d].initFlags(count);
      unsigned n = 0;
      for (std::uint64_t rest = absent.periods; rest != 0; rest &= rest - 1, ++n) {
        const auto utc = static_cast<std::size_t>(std::countr_zero(rest));
        const auto value = core::default_value(meter.quantity, shape.energy_wh[utc], shape.flag[utc], shape.rolling_annual,
                                               absent.annual_consumption);
        const auto sp = static_cast<std::size_t>(span.first_settlement_period - span.first_utc_period) + utc;
        sum.energy_wh[sp] += value.energy_wh;
        ++sum.periods;
        energy.set(n, value.energy_wh);
        flags[n] = static_cast<kj::byte>(value.flag);
        exception |= value.exception;
      }
    }
    if (exception)
      exceptions.push_back({"no_default", fmt::format("{:013}", meter.mpan), 0,
                            "neither a load shape nor an annual consumption: missing periods settle as 0"});
    run_puts_.emplace_back(defaults_key(run, meter.mpan, meter.quantity), record.bytes());
  }

  capnp::MallocMessageBuilder message(1 << 14);
  auto root = message.initRoot<schema::Entry>();
  root.setFormatVersion(schema::ENTRY_FORMAT);
  auto out = root.initRunDefaults();
  out.setRunNumber(run);
  out.setPartition(id());
  auto list = out.initSums(static_cast<unsigned>(sums.size()));
  unsigned i = 0;
  for (const auto& [key, sum] : sums) {
    storage::write_terms(terms_.at(LedgerDay::terms_of(key)), list[i].initTerms());
    list[i].setQuantity(static_cast<std::uint8_t>(LedgerDay::quantity_of(key)));
    list[i].setDefaultedPeriods(sum.periods);
    write_trimmed(sum.energy_wh, [&](unsigned n) { return list[i].initEnergyWh(n); });
    ++i;
  }
  auto out_exceptions = out.initExceptions(static_cast<unsigned>(exceptions.size()));
  for (unsigned e = 0; e < out_exceptions.size(); ++e) write_exception(exceptions[e], out_exceptions[e]);
  run_erasures_.push_back(missing_key(run));
  send(identity().meter_partitions, message);
}

std::string defaults_key(std::uint32_t run, std::uint64_t mpan, MeasurementQuantity quantity) {
  return storage::KeyWriter().tag('d').u32(run).u64(mpan).u8(static_cast<std::uint8_t>(quantity)).str();
}

}  // namespace hhgrid::actors
