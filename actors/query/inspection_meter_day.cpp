#include "actors/query/inspection_meter_day.hpp"

#include <algorithm>
#include <set>

#include "actors/query/inspection_meter_runs.hpp"
#include "core/decimal.hpp"
#include "core/quality.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors::inspection {

using core::MeasurementQuantity;

namespace {

using VersionsByQuantity = std::map<MeasurementQuantity, std::vector<StoredVersion>>;

VersionsByQuantity read_versions(const InspectedMeter& meter, core::UtcDay day) {
  VersionsByQuantity versions;
  for (int q = 0; q < storage::quantity_count; ++q) {
    std::vector<StoredVersion> list;
    const auto quantity = static_cast<MeasurementQuantity>(q);
    need(actors::read_versions(meter.store, day, meter.mpan, quantity, list));
    if (!list.empty()) versions.emplace(quantity, std::move(list));
  }
  return versions;
}

/// Which quantities there is something to say of: those with versions, and what any registration of
/// the day, superseded ones too, made runs expect.
std::set<MeasurementQuantity> quantities_of(InspectedMeter& meter, core::UtcDay day,
                                            const VersionsByQuantity& versions) {
  std::set<MeasurementQuantity> quantities;
  for (const auto& [quantity, list] : versions) quantities.insert(quantity);
  for (const auto& span : meter.calendar.spans_of(day))
    for (const auto& version : meter.state.registrations)
      if (version.from <= span.day && span.day <= version.to)
        quantities.insert(quantity_of(meter.terms(version.terms).direction));
  return quantities;
}

Json qualities_json(const MeterDay& values) {
  std::map<core::Quality, std::uint64_t> periods;
  core::each_period(values.present,
                    [&](std::size_t i) { periods[values.quality[i]] |= std::uint64_t{1} << i; });
  if (periods.size() == 1) return core::to_string(periods.begin()->first);
  Json out = Json::object();
  for (const auto& [quality, mask] : periods)
    out[std::string(core::to_string(quality))] = periods_text(mask);
  return out;
}

/// The half hours that are refused, by the market's code.
Json refused_json(const core::RefusedPeriods& refused) {
  Json out = Json::object();
  for (int code = 0; code < core::refusal_code_count; ++code) {
    const auto of = static_cast<core::RefusalCode>(code);
    if (refused.of(of) != 0) out[std::string(core::to_string(of))] = periods_text(refused.of(of));
  }
  return out;
}

/// What a version says of earlier ones.
Json judgements_json(const std::vector<Judgement>& judgements) {
  Json out = Json::array();
  for (const auto& judgement : judgements) {
    Json& one = out.emplace_back(object_of(2));
    one["position"] = to_string(judgement.position);
    one["refused"] = refused_json(judgement.refused);
  }
  return out;
}

Json describe_version(InspectedMeter& meter, const StoredVersion& stored,
                      const core::RefusedPeriods& refused, const CountingDay& counting) {
  std::uint64_t counts = 0;
  core::WattHours total = 0;
  core::each_period(stored.values.present, [&](std::size_t i) {
    total += stored.values.energy_wh[i];
    const auto period = std::uint64_t{1} << i;
    if (counting.position[i] == stored.key.position && (refused.all() & period) == 0)
      counts |= period;
  });
  Json out = object_of(10);
  meter.provenance.describe(stored.key.position, out);
  if (stored.values.present != 0) {
    out["quality"] = qualities_json(stored.values);
    out["periods"] = periods_text(stored.values.present);
    out["counting_periods"] = periods_text(counts);
    out["total_kwh"] = kwh(total);
  }
  if (!refused.none()) out["refused"] = refused_json(refused);
  if (!stored.judgements.empty()) out["judges"] = judgements_json(stored.judgements);
  return out;
}

Json describe_counting(const InspectedMeter& meter, core::UtcDay day, const CountingDay& counting) {
  Json out = Json::array();
  for (const auto& span : meter.calendar.spans_of(day)) {
    for (int n = 0; n < span.count; ++n) {
      const int utc = span.first_utc_period + n;
      const auto i = static_cast<std::size_t>(utc - 1);
      const bool known = counting.values.present >> i & 1;
      Json& period = out.emplace_back(object_of(12));
      period["utc_period"] = utc;
      period["period_end_utc"] = period_end(day, utc);
      period["settlement_date"] = day_json(span.day.value);
      period["settlement_period"] = span.first_settlement_period + n;
      period["kwh"] = known ? Json(kwh(counting.values.energy_wh[i])) : Json();
      if (!known) continue;
      period["quality"] = core::to_string(counting.values.quality[i]);
      period["position"] = to_string(counting.position[i]);
      if ((counting.values.reasoned >> i & 1) == 0) continue;
      if (counting.values.estimation_reason[i] != 0)
        period["estimation_reason"] = counting.values.estimation_reason[i];
      if (counting.values.amendment_reason[i] != 0)
        period["amendment_reason"] = std::string(1, counting.values.amendment_reason[i]);
    }
  }
  return out;
}

}  // namespace

CountingDay count(const std::vector<StoredVersion>& versions,
                  const std::vector<core::RefusedPeriods>& refused, const AsOf& as_of) {
  CountingDay counting;
  counting.values = counting_day(versions, refused, as_of);
  for (std::size_t v = 0; v < versions.size(); ++v)
    if (as_of.holds(versions[v].key.position))
      core::each_period(versions[v].values.present & ~refused[v].all(),
                        [&](std::size_t i) { counting.position[i] = versions[v].key.position; });
  return counting;
}

Json describe_meter_day(InspectedMeter& meter, core::UtcDay day) {
  auto versions = read_versions(meter, day);
  Json out = Json::array();
  for (const auto quantity : quantities_of(meter, day, versions)) {
    const auto& list = versions[quantity];
    const auto refused = refusals(list);
    const CountingDay counting = count(list, refused);
    Json& one = out.emplace_back(object_of(12));
    one["measurement_quantity"] = core::to_string(quantity);
    one["versions"] = newest_items(list.size(), [&](std::size_t i) {
      return describe_version(meter, list[i], refused[i], counting);
    });
    one["counting"] = describe_counting(meter, day, counting);
    one["runs"] = describe_meter_runs(meter, day, quantity, list);
  }
  return out;
}

}  // namespace hhgrid::actors::inspection
