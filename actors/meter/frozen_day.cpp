#include "actors/meter/frozen_day.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "actors/meter/ledger_builder.hpp"

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

/// True when something about the day was received after the cut-off, so that the running ledger is
/// ahead of the run.
bool newer_than(const MeterPartition& partition, SettlementDay day, core::Instant cutoff) {
  if (partition.newest_registration > cutoff) return true;
  for (const auto& span : partition.calendar.spans_of(day))
    for (const auto quantity :
         {MeasurementQuantity::active_import, MeasurementQuantity::active_export,
          MeasurementQuantity::reactive_import, MeasurementQuantity::reactive_export})
      if (partition.presence.newest({span.day, quantity}) > cutoff)
        return true;  // the digest is of all quantities
  return false;
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
FrozenDay freeze_as_of(MeterPartition& partition, SettlementDay day, const AsOf& as_of) {
  const auto spans = partition.calendar.spans_of(day);
  std::vector<core::UtcDay> days;
  for (const auto& span : spans) days.push_back(span.day);
  Recomputed recomputed;
  MeterState scratch;
  const storage::Store::View view(partition.store);
  if (auto done = recompute(
          view, partition.store.path().string(), days, partition.calendar,
          [&](std::uint64_t mpan) { return &partition.meters.peek(mpan, scratch); }, as_of, true,
          recomputed);
      !done)
    throw_read_error(done.error());
  const auto present = [&](const core::SettlementDaySpan& span, MeasurementQuantity quantity,
                           std::uint64_t mpan) {
    const auto& meters = recomputed.present[{span.day, quantity}];
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

}  // namespace

FrozenDay freeze(MeterPartition& partition, SettlementDay day, const AsOf& as_of) {
  return newer_than(partition, day, as_of.cutoff()) ? freeze_as_of(partition, day, as_of)
                                                    : freeze_running(partition, day);
}

void add_exception(std::uint64_t mpan, const MeterState& meter, SettlementDay day,
                   const TermsTable& terms, const AsOf& as_of,
                   std::vector<core::Exception>& exceptions) {
  const auto id = governing_terms(meter, day, as_of);
  if (!id) {
    if (!counting_registrations(meter, as_of).empty())
      exceptions.push_back({"not_registered", fmt::format("{:013}", mpan), 0,
                            "ECS1009: it has values, and no registration of it covers the day; "
                            "they count nowhere"});
  } else if (!terms.at(*id).energised) {
    exceptions.push_back({"de_energised", fmt::format("{:013}", mpan), 0,
                          "it is de-energised and has actual consumption, which counts"});
  }
}

}  // namespace hhgrid::actors
