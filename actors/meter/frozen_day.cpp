#include "actors/meter/frozen_day.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "actors/meter/ledger_builder.hpp"
#include "actors/meter/own_maximum.hpp"

namespace hhgrid::actors {

using core::Direction;
using core::MeasurementQuantity;
using core::SettlementDay;

namespace {

constexpr std::size_t meters_ahead = 8;  // as many as memory can be asked for at a time
constexpr MeasurementQuantity settled_quantities[] = {MeasurementQuantity::active_import,
                                                      MeasurementQuantity::active_export};

std::uint64_t period_mask(const core::SettlementDaySpan& span) {
  return ((std::uint64_t{1} << span.count) - 1) << (span.first_utc_period - 1);
}

/// Looks up each meter's terms and annual consumption.
void find_terms(const MeterPartition& partition, SettlementDay day,
                std::vector<MissingMeter>& missing_meters) {
  MeterState scratch;
  for (std::size_t i = 0; i < missing_meters.size(); ++i) {
    // Nearly each of these meters is a miss of the processor's caches, in the index and in the
    // state.
    const auto ahead = [&](std::size_t turns) {
      return missing_meters[std::min(i + turns, missing_meters.size() - 1)].mpan;
    };
    partition.meters.prefetch_place(ahead(2 * meters_ahead));
    partition.meters.prefetch_state(ahead(meters_ahead));
    MissingMeter& missing = missing_meters[i];
    const MeterState& meter = partition.meters.peek(missing.mpan, scratch);
    missing.terms = governing_terms(meter, day).value();
    for (auto& d : missing.days) d.annual_consumption = annual_consumption(meter, d.day);
  }
}

void sort_by_meter(RunFindings& findings) {
  std::sort(findings.missing.begin(), findings.missing.end(), [](const auto& a, const auto& b) {
    return std::tie(a.mpan, a.quantity) < std::tie(b.mpan, b.quantity);
  });
  std::sort(findings.exceptions.begin(), findings.exceptions.end(),
            [](const auto& a, const auto& b) { return a.subject < b.subject; });
}

/// The energised meters of a direction that lack a period of the day.
void find_missing(const MeterPartition& partition,
                  const std::vector<core::SettlementDaySpan>& spans, Direction direction,
                  const Roaring& expected, std::vector<MissingMeter>& missing_meters) {
  const auto quantity = quantity_of(direction);
  auto complete = expected;
  for (const auto& span : spans) {
    const auto* whole = partition.presence.complete({span.day, quantity});
    complete &= whole == nullptr ? Roaring() : *whole;
  }
  for (const auto number : expected - complete) {
    MissingMeter missing{partition.meters.mpans().at(number), 0, quantity, {}};
    for (const auto& span : spans) {
      const auto periods =
          period_mask(span) & ~partition.presence.masks({span.day, quantity}, number).counting;
      if (periods != 0) missing.days.push_back({span.day, periods, std::nullopt});
    }
    if (!missing.days.empty()) missing_meters.push_back(std::move(missing));
  }
}

/// The meters with values on the day that nobody expects any of.
void find_exceptions(const MeterPartition& partition,
                     const std::vector<core::SettlementDaySpan>& spans, SettlementDay day,
                     const Roaring& expected, std::vector<core::Exception>& exceptions) {
  Roaring unexpected;
  for (const auto& span : spans)
    for (const auto quantity : settled_quantities)
      for (const auto number : partition.presence.with_values({span.day, quantity}) - expected)
        if ((partition.presence.masks({span.day, quantity}, number).counting & period_mask(span)) !=
            0)
          unexpected.add(number);
  MeterState scratch;
  for (const auto number : unexpected) {
    const auto mpan = partition.meters.mpans().at(number);
    add_exception(mpan, partition.meters.peek(mpan, scratch), day, partition.terms, {}, exceptions);
  }
}

FrozenDay freeze_running(MeterPartition& partition, SettlementDay day) {
  FrozenDay frozen;
  frozen.findings.day = day;
  frozen.rows = &partition.ledger_day(day);
  frozen.registered = partition.population.registered(day);
  const auto spans = partition.calendar.spans_of(day);
  const auto imports = partition.population.expected(Direction::import_, day),
             exports = partition.population.expected(Direction::export_, day);
  find_missing(partition, spans, Direction::import_, imports, frozen.findings.missing);
  find_missing(partition, spans, Direction::export_, exports, frozen.findings.missing);
  find_terms(partition, day, frozen.findings.missing);
  find_exceptions(partition, spans, day, imports | exports, frozen.findings.exceptions);
  sort_by_meter(frozen.findings);
  return frozen;
}

/// The same from stored versions, for a cut-off that lies before the newest of them.
FrozenDay freeze_as_of(MeterPartition& partition, SettlementDay day,
                       const JudgementAsOf& judgement) {
  const AsOf& as_of = judgement.as_of();
  const auto spans = partition.calendar.spans_of(day);
  std::vector<core::UtcDay> days;
  for (const auto& span : spans) days.push_back(span.day);
  Recomputed recomputed;
  recomputed.present.emplace();
  MeterState scratch;
  const storage::Store::View view(partition.store);
  if (auto done = recompute(
          view, days, [&](core::Mpan mpan) { return &partition.meters.peek(mpan, scratch); },
          judgement, recomputed);
      !done)
    throw_read_error(done.error());
  const auto present = [&](const core::SettlementDaySpan& span, MeasurementQuantity quantity,
                           core::Mpan mpan) {
    const auto& meters = (*recomputed.present)[{span.day, quantity}];
    const auto known = meters.find(mpan);
    return known == meters.end() ? 0 : known->second & period_mask(span);
  };
  FrozenDay frozen;
  frozen.findings.day = day;
  frozen.recomputed = std::make_unique<LedgerDay>(std::move(recomputed.ledger[day]));
  frozen.rows = frozen.recomputed.get();
  for (const auto mpan : partition.meters.mpans()) {
    const MeterState& meter = partition.meters.peek(mpan, scratch);
    const auto terms = governing_terms(meter, day, as_of);
    if (terms) ++frozen.registered[*terms];
    if (!terms || !partition.terms.at(*terms).energised) {
      const bool values = std::any_of(spans.begin(), spans.end(), [&](const auto& span) {
        return present(span, settled_quantities[0], mpan) != 0 ||
               present(span, settled_quantities[1], mpan) != 0;
      });
      if (values)
        add_exception(mpan, meter, day, partition.terms, as_of, frozen.findings.exceptions);
      continue;
    }
    MissingMeter missing{mpan, *terms, quantity_of(partition.terms.at(*terms).direction), {}};
    for (const auto& span : spans) {
      const auto periods = period_mask(span) & ~present(span, missing.quantity, mpan);
      if (periods != 0)
        missing.days.push_back({span.day, periods, annual_consumption(meter, span.day, as_of)});
    }
    if (!missing.days.empty()) frozen.findings.missing.push_back(std::move(missing));
  }
  sort_by_meter(frozen.findings);
  return frozen;
}

LedgerDay copy_of(const LedgerDay& day) {
  LedgerDay copy;
  for (const auto key : day.keys()) {
    LedgerRow& row = copy.row(LedgerDay::terms_of(key), LedgerDay::quantity_of(key));
    const auto& from = day.at(key).classes;
    for (std::size_t c = 0; c < from.size(); ++c)
      if (from[c]) row.classes[c] = std::make_unique<ClassSums>(*from[c]);
  }
  return copy;
}

/// The running day with what single meters give as of then in place of what they give now.
class TakenAway {
 public:
  TakenAway(MeterPartition& partition, SettlementDay day, const JudgementAsOf& judgement,
            const LaterArrivals& later, VersionReader& versions)
      : partition_(partition),
        day_(day),
        judgement_(judgement),
        as_of_(judgement.as_of()),
        later_(later),
        versions_(versions),
        spans_(partition.calendar.spans_of(day)) {}

  FrozenDay freeze() {
    frozen_.findings.day = day_;
    frozen_.recomputed = std::make_unique<LedgerDay>(copy_of(partition_.ledger_day(day_)));
    frozen_.rows = frozen_.recomputed.get();
    frozen_.registered = partition_.population.registered(day_);
    const Roaring touched = touched_meters();
    const auto imports = partition_.population.expected(Direction::import_, day_),
               exports = partition_.population.expected(Direction::export_, day_);
    auto& findings = frozen_.findings;
    find_missing(partition_, spans_, Direction::import_, imports - touched, findings.missing);
    find_missing(partition_, spans_, Direction::export_, exports - touched, findings.missing);
    find_terms(partition_, day_, findings.missing);
    find_exceptions(partition_, spans_, day_, imports | exports | touched, findings.exceptions);
    for (const auto number : touched) take(number);
    std::erase_if(frozen_.registered, [](const auto& terms) { return terms.second == 0; });
    sort_by_meter(findings);
    return std::move(frozen_);
  }

 private:
  Roaring touched_meters() const {
    Roaring touched = later_.registered.numbers;
    for (const auto& span : spans_)
      for (const auto& [key, meters] : later_.days)
        if (key.day == span.day) touched |= meters.numbers;
    return touched;
  }

  void take(std::uint32_t number) {
    const auto mpan = partition_.meters.mpans().at(number);
    const MeterState& meter = partition_.meters.peek(mpan, scratch_);
    const auto now = governing_terms(meter, day_), then = governing_terms(meter, day_, as_of_);
    if (now != then) {
      if (now) --frozen_.registered[*now];
      if (then) ++frozen_.registered[*then];
    }
    // By span and quantity: what counts as of then.
    std::vector<std::array<std::uint64_t, 4>> present(spans_.size());
    for (std::size_t s = 0; s < spans_.size(); ++s)
      for (std::size_t q = 0; q < present[s].size(); ++q) {
        const Presence::Key key{spans_[s].day, static_cast<MeasurementQuantity>(q)};
        const auto arrived = later_.days.find(key);
        const bool changed =
            arrived != later_.days.end() && arrived->second.numbers.contains(number);
        const PeriodMasks masks = partition_.presence.masks(key, number);
        present[s][q] = masks.counting;
        // What is refused of it now may have counted then.
        const auto judged_alike = [&] {
          return now == then && own_maxima(meter, key) == own_maxima(meter, key, as_of_);
        };
        if (!changed && (masks.stored() == 0 || judged_alike())) continue;
        const auto versions = versions_.versions(key, mpan);
        const MeterDay after = counting_day(versions), before = counting_day(versions, judgement_);
        move(now, key.quantity, after, spans_[s], -1);
        move(then, key.quantity, before, spans_[s], 1);
        present[s][q] = before.present;
      }
    find(mpan, meter, then, present);
  }

  void move(std::optional<TermsId> terms, MeasurementQuantity quantity, const MeterDay& values,
            const core::SettlementDaySpan& span, int sign) {
    if (!terms || values.present == 0) return;
    const auto uniform = values.present == all_periods_mask ? uniform_class(values) : std::nullopt;
    account_span(values, values.present, uniform,
                 {day_, span.first_utc_period, span.first_settlement_period, span.count},
                 frozen_.recomputed->row(*terms, quantity), sign);
  }

  void find(core::Mpan mpan, const MeterState& meter, std::optional<TermsId> then,
            const std::vector<std::array<std::uint64_t, 4>>& present) {
    if (!then || !partition_.terms.at(*then).energised) {
      bool values = false;
      for (std::size_t s = 0; s < spans_.size(); ++s)
        for (const auto quantity : settled_quantities)
          values |= (present[s][static_cast<std::size_t>(quantity)] & period_mask(spans_[s])) != 0;
      if (values)
        add_exception(mpan, meter, day_, partition_.terms, as_of_, frozen_.findings.exceptions);
      return;
    }
    MissingMeter missing{mpan, *then, quantity_of(partition_.terms.at(*then).direction), {}};
    for (std::size_t s = 0; s < spans_.size(); ++s) {
      const auto periods =
          period_mask(spans_[s]) & ~present[s][static_cast<std::size_t>(missing.quantity)];
      if (periods != 0)
        missing.days.push_back(
            {spans_[s].day, periods, annual_consumption(meter, spans_[s].day, as_of_)});
    }
    if (!missing.days.empty()) frozen_.findings.missing.push_back(std::move(missing));
  }

  MeterPartition& partition_;
  const SettlementDay day_;
  const JudgementAsOf& judgement_;
  const AsOf& as_of_;
  const LaterArrivals& later_;
  VersionReader& versions_;
  const std::vector<core::SettlementDaySpan> spans_;
  MeterState scratch_;
  FrozenDay frozen_;
};

}  // namespace

FrozenDay freeze(MeterPartition& partition, SettlementDay day, const JudgementAsOf& judgement,
                 const LaterArrivals& later, VersionReader& versions) {
  if (later.empty()) return freeze_running(partition, day);
  const auto spans = partition.calendar.spans_of(day);
  const bool many = later.registered.many ||
                    std::any_of(spans.begin(), spans.end(),
                                [&](const auto& span) { return later.many_of(span.day); });
  return many ? freeze_as_of(partition, day, judgement)
              : TakenAway(partition, day, judgement, later, versions).freeze();
}

void add_exception(core::Mpan mpan, const MeterState& meter, SettlementDay day,
                   const TermsTable& terms, const AsOf& as_of,
                   std::vector<core::Exception>& exceptions) {
  const auto id = governing_terms(meter, day, as_of);
  if (!id) {
    if (!counting_registrations(meter, as_of).empty())
      exceptions.push_back({"not_registered", mpan.to_string(), 0,
                            "ECS1009: it has values, and no registration of it covers the day; "
                            "they count nowhere"});
  } else if (!terms.at(*id).energised) {
    exceptions.push_back({"de_energised", mpan.to_string(), 0,
                          "it is de-energised and has actual consumption, which counts"});
  }
}

}  // namespace hhgrid::actors
