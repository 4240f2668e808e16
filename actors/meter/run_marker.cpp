#include "actors/meter/run_marker.hpp"

#include <set>

#include <fmt/format.h>

#include "actors/host/message_codec.hpp"
#include "actors/meter/frozen_day.hpp"
#include "actors/meter/run_only_shapes.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {

using core::QualityClass;
using core::SettlementDay;

namespace {

void write_terms_sums(const TermsTable& all_terms, const FrozenDay& frozen,
                      schema::RunSums::Builder out) {
  // Every set of terms somebody is registered on has sums, and every one with a value.
  std::set<LedgerDay::Key> keys;
  for (const auto& [terms, n] : frozen.registered)
    keys.insert(LedgerDay::key(terms, quantity_of(all_terms.at(terms).direction)));
  if (frozen.rows != nullptr)
    for (const auto key : frozen.rows->keys())
      if (core::is_settled(LedgerDay::quantity_of(key)) && !frozen.rows->at(key).empty())
        keys.insert(key);
  auto list = out.initTermsSums(static_cast<unsigned>(keys.size()));
  unsigned i = 0;
  for (const auto key : keys) {
    auto of_terms = list[i++];
    const TermsId id = LedgerDay::terms_of(key);
    const auto quantity = LedgerDay::quantity_of(key);
    const auto& terms = all_terms.at(id);
    storage::write_terms(terms, of_terms.initTerms());
    of_terms.setQuantity(static_cast<std::uint8_t>(quantity));
    const auto n = frozen.registered.find(id);
    const bool counted =
        terms.energised && quantity == quantity_of(terms.direction) && n != frozen.registered.end();
    of_terms.setMsidCount(counted ? n->second : 0);
    if (quantity == quantity_of(terms.direction) && n != frozen.registered.end())
      of_terms.setMeterCount(n->second);
    const LedgerRow* row = frozen.rows == nullptr ? nullptr : frozen.rows->find(id, quantity);
    if (row == nullptr) continue;
    if (const auto* sums = row->find(QualityClass::actual))
      write_trimmed(sums->energy_wh, [&](unsigned n) { return of_terms.initActualWh(n); });
    if (const auto* sums = row->find(QualityClass::other_actual))
      write_trimmed(sums->energy_wh, [&](unsigned n) { return of_terms.initOtherActualWh(n); });
    if (const auto* sums = row->find(QualityClass::estimated))
      write_trimmed(sums->energy_wh, [&](unsigned n) { return of_terms.initEstimatedWh(n); });
  }
}

/// The groups and days whose load shapes the missing half hours need.
void write_missing(const TermsTable& terms, const FrozenDay& frozen, schema::RunSums::Builder out) {
  std::set<std::pair<core::ShapeGroup, core::UtcDay>> groups;
  for (const auto& meter : frozen.findings.missing)
    for (const auto& d : meter.days)
      groups.emplace(shape_group(terms.at(meter.terms), meter.quantity), d.day);
  auto missing = out.initMissing(static_cast<unsigned>(groups.size()));
  unsigned i = 0;
  for (const auto& [group, utc_day] : groups) {
    write_group(group, missing[i].initGroup());
    missing[i++].setUtcDay(utc_day.value);
  }
}

/// Told of the meters with a registration received after the cut-off.
JudgementAsOf judgement_as_of(const MeterPartition& partition, const LaterArrivals& later,
                              const AsOf& as_of) {
  JudgementAsOf judgement(partition.calendar, partition.terms, partition.limits, as_of);
  MeterState scratch;
  const auto add = [&](core::Mpan mpan) {
    judgement.add(mpan, partition.meters.peek(mpan, scratch));
  };
  if (later.registered.many)
    for (const auto mpan : partition.meters.mpans()) add(mpan);
  else
    for (const auto number : later.registered.numbers) add(partition.meters.mpans().at(number));
  return judgement;
}

}  // namespace

SettlementDay settlement_day(schema::RunMarker::Reader marker) {
  const SettlementDay day{marker.getSettlementDay()};
  if (!core::SettlementCalendar::covers(day.value))
    throw TurnFailure(
        fmt::format("settlement day number {} is outside the settlement calendar", day.value));
  return day;
}

void turn(MeterPartition& partition, schema::RunMarker::Reader marker, const TurnContext& context,
          RunMarkerPorts ports, RunRecords& records, schema::RunSums::Builder answer) {
  const auto& [id, later, versions] = ports;
  const SettlementDay day = settlement_day(marker);
  const AsOf as_of(context.position, core::Instant{marker.getCutoff()}, later.blocks);
  const JudgementAsOf judgement = judgement_as_of(partition, later, as_of);
  const FrozenDay frozen = freeze(partition, day, judgement, later, versions);
  const auto run_only = run_only_shapes(partition, day, judgement, later, versions);
  // The market partition is taken to know them, so nothing after this may fail.
  const auto changes = partition.told.take_changes(partition);
  answer.setRunNumber(marker.getRunNumber());
  answer.setPartition(id);
  answer.setMarkerPosition(context.position.number());
  write_shape_deltas(changes, [&](unsigned n) { return answer.initShapeDeltas(n); });
  write_shape_deltas(run_only, [&](unsigned n) { return answer.initRunOnlyDeltas(n); });
  write_terms_sums(partition.terms, frozen, answer);
  write_missing(partition.terms, frozen, answer);
  answer.setLedgerDigest(frozen.rows == nullptr ? 0 : ledger_digest(day, *frozen.rows));
  put_findings(marker.getRunNumber(), frozen.findings, records);
}

}  // namespace hhgrid::actors
