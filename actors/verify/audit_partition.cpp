#include "actors/verify/audit_partition.hpp"

#include <algorithm>
#include <bit>

#include "actors/meter/frozen_day.hpp"
#include "actors/verify/audit_defaults.hpp"
#include "core/load_shape/shape_use.hpp"

namespace hhgrid::actors {
namespace {

using core::Direction;
using core::MeasurementQuantity;
using core::QualityClass;
using core::SettlementDay;
using core::UtcDay;
using storage::Error;

std::uint64_t period_mask(const core::SettlementDaySpan& span) {
  return ((std::uint64_t{1} << span.count) - 1) << (span.first_utc_period - 1);
}

core::PeriodEnergy energy_of(const LedgerRow* row, QualityClass quality_class) {
  const ClassSums* sums = row == nullptr ? nullptr : row->find(quality_class);
  return sums == nullptr ? core::PeriodEnergy{} : sums->energy_wh;
}

core::Exception no_default(core::Mpan mpan) {
  return {"no_default", mpan.to_string(), 0,
          "neither a load shape nor an annual consumption: missing periods settle as 0"};
}

}  // namespace

void AuditShapeSums::add(UtcDay day,
                         const std::map<core::ShapeGroup, core::ShapeSums>& full_groups) {
  if (full_groups.empty()) return;
  const std::lock_guard lock(mutex_);
  DayTotals& totals = days_[day];
  for (const auto& [group, sums] : full_groups) totals.add(group, sums);
}

const core::ShapeSums* AuditShapeSums::find(const core::ShapeGroup& group, UtcDay day) const {
  const auto found = days_.find(day);
  return found == days_.end() ? nullptr : found->second.find(group);
}

PartitionAudit::PartitionAudit(const storage::Store& store,
                               const core::SettlementCalendar& calendar, const RunInfo& run,
                               const PartitionInput& input)
    : store_(store),
      calendar_(calendar),
      run_(run),
      input_(input),
      where_(store.path().string()),
      spans_(calendar.spans_of(run.day)) {}

tl::expected<void, Error> PartitionAudit::scan(UtcDay first, AuditShapeSums& shape_sums) {
  const storage::Store::View view(store_);
  if (auto loaded = terms_.load(view); !loaded) return loaded;
  const auto received = read_received_times(view);
  if (!received) return tl::unexpected(received.error());
  const AsOf as_of(input_.marker_position, run_.cutoff, *received);
  LimitsTable limits;
  if (auto loaded = limits.load(view); !loaded) return loaded;
  JudgementAsOf judgement(calendar_, terms_, limits, as_of);
  auto meters = AuditMeters::read(view, judgement);
  if (!meters) return tl::unexpected(meters.error());
  if (auto scanned = scan_versions(view, first, *meters, judgement, shape_sums); !scanned)
    return scanned;
  ledger_digest_ = actors::ledger_digest(run_.day, ledger_[run_.day]);
  build_terms_sums(*meters);
  find_missing(*meters);
  ledger_.clear();
  present_.clear();
  return {};
}

tl::expected<void, Error> PartitionAudit::scan_versions(const storage::Store::View& view,
                                                        UtcDay first, AuditMeters& meters,
                                                        const JudgementAsOf& judgement,
                                                        AuditShapeSums& shape_sums) {
  LedgerBuilder builder(calendar_, ledger_);
  std::optional<UtcDay> day;
  bool run_day = false;
  const auto finish = [&] {
    if (!day) return;
    builder.close();
    finish_day(*day, shape_sums);
  };
  const auto visit = [&](const VersionKey& key, const MeterDay& values) {
    if (day != key.day) {
      finish();
      day = key.day;
      run_day = is_run_day(key.day);
    }
    if (run_day) present_[{key.day, key.quantity}][key.mpan] = values.present;
    if (!run_day && !core::is_settled(key.quantity)) return;  // load shapes are of active energy
    if (const MeterState* meter = meters.find(key.mpan)) builder.add(key, values, *meter);
  };
  const auto meter_days =
      scan_counting_days(view, where_, first, spans_.back().day, judgement, visit);
  if (!meter_days) return tl::unexpected(meter_days.error());
  finish();
  meter_days_ = *meter_days;
  return {};
}

/// A UTC day is complete: its load-shape sums go to all partitions' totals; of the ledger only the
/// run's day is kept.
void PartitionAudit::finish_day(UtcDay day, AuditShapeSums& shape_sums) {
  shape_sums.add(
      day, actors::shape_sums(day, calendar_, terms_, [&](SettlementDay d) -> const LedgerDay* {
        const auto found = ledger_.find(d);
        return found == ledger_.end() ? nullptr : &found->second;
      }));
  std::erase_if(ledger_, [&](const auto& rows) { return rows.first != run_.day; });
}

/// What a partition answers to a run marker: every set of terms that somebody is registered on, and
/// every one with a value.
void PartitionAudit::build_terms_sums(const AuditMeters& meters) {
  std::map<TermsId, std::uint32_t> registered;
  for (const auto& meter : meters.all())
    if (const auto terms = governing_terms(meter.state, run_.day)) ++registered[*terms];
  const LedgerDay& rows = ledger_[run_.day];
  std::set<LedgerDay::Key> keys;
  for (const auto& [terms, n] : registered)
    keys.insert(LedgerDay::key(terms, quantity_of(terms_.at(terms).direction)));
  for (const auto key : rows.keys())
    if (core::is_settled(LedgerDay::quantity_of(key)) && !rows.at(key).empty()) keys.insert(key);
  for (const auto key : keys) {
    const TermsId id = LedgerDay::terms_of(key);
    const core::Terms& terms = terms_.at(id);
    TermsSums sums;
    sums.terms = terms;
    sums.quantity = LedgerDay::quantity_of(key);
    const auto n = registered.find(id);
    if (n != registered.end() && sums.quantity == quantity_of(terms.direction)) {
      sums.meter_count = n->second;
      sums.msid_count = terms.energised ? n->second : 0;
    }
    const LedgerRow* row = rows.find(id, sums.quantity);
    sums.actual_wh = energy_of(row, QualityClass::actual);
    sums.other_actual_wh = energy_of(row, QualityClass::other_actual);
    sums.estimated_wh = energy_of(row, QualityClass::estimated);
    terms_sums_.push_back(sums);
  }
}

/// Whether any half hour of the settlement day counts that is settled.
bool PartitionAudit::has_values(core::Mpan mpan) {
  for (const auto& span : spans_)
    for (const auto quantity :
         {MeasurementQuantity::active_import, MeasurementQuantity::active_export}) {
      const Masks& present = present_[{span.day, quantity}];
      const auto known = present.find(mpan);
      if (known != present.end() && (known->second & period_mask(span)) != 0) return true;
    }
  return false;
}

void PartitionAudit::find_missing(const AuditMeters& meters) {
  for (const auto& meter : meters.all()) {
    const auto id = governing_terms(meter.state, run_.day);
    if (!id || !terms_.at(*id).energised) {
      if (has_values(meter.mpan))
        add_exception(meter.mpan, meter.state, run_.day, terms_, {}, exceptions_);
      continue;
    }
    Missing missing{meter.mpan, *id, quantity_of(terms_.at(*id).direction), {}};
    for (const auto& span : spans_) {
      const Masks& present = present_[{span.day, missing.quantity}];
      const auto known = present.find(meter.mpan);
      const std::uint64_t periods =
          period_mask(span) & ~(known == present.end() ? 0 : known->second);
      if (periods != 0)
        missing.days.push_back({span, periods, annual_consumption(meter.state, span.day)});
    }
    if (!missing.days.empty()) missing_.push_back(std::move(missing));
  }
}

std::set<WantedShape> PartitionAudit::wanted_shapes() const {
  std::set<WantedShape> wanted;
  for (const auto& span : spans_) {
    for (const auto& sums : terms_sums_)
      if (sums.msid_count > 0) wanted.emplace(span.day, shape_group(sums.terms, sums.quantity));
    for (const auto& missing : missing_)
      wanted.emplace(span.day, shape_group(terms_.at(missing.terms), missing.quantity));
  }
  return wanted;
}

tl::expected<void, Error> PartitionAudit::take_defaults(const AuditShapes& shapes,
                                                        DifferenceLog& log) {
  std::map<LedgerDay::Key, core::PeriodEnergy> sums;
  std::vector<DefaultsOfMeter> recomputed;
  for (const Missing& missing : missing_) {
    DefaultsOfMeter meter{missing.mpan, missing.quantity, {}};
    auto& sum = sums[LedgerDay::key(missing.terms, missing.quantity)];
    const auto group = shape_group(terms_.at(missing.terms), missing.quantity);
    bool exception = false;
    for (const MissingDay& day : missing.days) {
      const core::Shape& shape = shapes.at({group, day.span.day});
      for (std::uint64_t rest = day.periods; rest != 0; rest &= rest - 1) {
        const int utc = std::countr_zero(rest);
        const auto i = static_cast<std::size_t>(utc);
        const auto value = core::default_value(missing.quantity, shape.energy_wh[i], shape.flag[i],
                                               shape.rolling_annual, day.annual_consumption);
        sum[static_cast<std::size_t>(utc + day.span.first_settlement_period -
                                     day.span.first_utc_period)] += value.energy_wh;
        meter.values.push_back(
            {day.span.day, utc + 1, value.energy_wh, static_cast<char>(value.flag)});
        exception |= value.exception;
      }
    }
    if (exception) exceptions_.push_back(no_default(missing.mpan));
    recomputed.push_back(std::move(meter));
  }
  for (const auto& [key, energy] : sums)
    defaults_.push_back({terms_.at(LedgerDay::terms_of(key)), LedgerDay::quantity_of(key), energy});
  return compare_defaults(store_, run_.number, recomputed, log);
}

}  // namespace hhgrid::actors
