#include <algorithm>
#include <bit>
#include <set>

#include "actors/meter/versions.hpp"
#include "actors/query/inspection_meter.hpp"
#include "core/decimal.hpp"
#include "core/quality.hpp"
#include "storage/store/key.hpp"

namespace hhgrid::actors::inspection {

using core::MeasurementQuantity;
using storage::Error;
using storage::Family;

namespace {

using VersionsByQuantity = std::map<MeasurementQuantity, std::vector<DayVersion>>;

/// The versions of every quantity lie side by side.
VersionsByQuantity read_versions(const MeterSight& meter, core::UtcDay day) {
  VersionsByQuantity versions;
  std::optional<Error> failure;
  const auto where = meter.store.path().string();
  const auto prefix = storage::KeyWriter().day(day.value).u64(meter.mpan.number()).str();
  need(meter.store.scan_prefix(Family::consumption, prefix,
                               [&](std::string_view bytes, std::string_view value) {
                                 const auto key = read_version_key(bytes, where);
                                 if (!key) return failure = key.error(), false;
                                 auto version = read_version(*key, value, where);
                                 if (!version) return failure = version.error(), false;
                                 versions[key->quantity].push_back({key->position, *version});
                                 return true;
                               }));
  if (failure) throw ReadFailure(std::move(*failure));
  return versions;
}

/// Which quantities there is something to say of: those with versions, and what any registration of
/// the day, superseded ones too, made runs expect.
std::set<MeasurementQuantity> quantities_of(MeterSight& meter, core::UtcDay day,
                                            const VersionsByQuantity& versions) {
  std::set<MeasurementQuantity> quantities;
  for (const auto& [quantity, list] : versions) quantities.insert(quantity);
  for (const auto& span : meter.calendar.spans_of(day))
    for (const auto& version : meter.state.registrations)
      if (version.from <= span.day && span.day <= version.to)
        quantities.insert(quantity_of(meter.terms(version.terms).direction));
  return quantities;
}

Json qualities_json(const storage::ConsumptionDay& version) {
  if (!version.detail) return core::to_string(version.quality);
  std::map<core::Quality, std::uint64_t> periods;
  for (std::uint64_t rest = version.present; rest != 0; rest &= rest - 1) {
    const int period = std::countr_zero(rest) + 1;
    periods[version.quality_of(period)] |= std::uint64_t{1} << (period - 1);
  }
  Json out = Json::object();
  for (const auto& [quality, mask] : periods)
    out[std::string(core::to_string(quality))] = periods_text(mask);
  return out;
}

Json describe_version(MeterSight& meter, const DayVersion& stored, const CountingDay& counting) {
  std::uint64_t counts = 0;
  core::WattHours total = 0;
  for (std::uint64_t rest = stored.version.present; rest != 0; rest &= rest - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(rest));
    total += stored.version.energy_wh[i];
    if (counting.position[i] == stored.position) counts |= std::uint64_t{1} << i;
  }
  Json out = object_of(8);
  meter.provenance.describe(stored.position, out);
  out["quality"] = qualities_json(stored.version);
  out["periods"] = periods_text(stored.version.present);
  out["counting_periods"] = periods_text(counts);
  out["total_kwh"] = kwh(total);
  return out;
}

Json describe_counting(const MeterSight& meter, core::UtcDay day, const CountingDay& counting) {
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
      if (counting.estimation_reason[i] != 0)
        period["estimation_reason"] = counting.estimation_reason[i];
      if (counting.amendment_reason[i] != 0)
        period["amendment_reason"] = std::string(1, counting.amendment_reason[i]);
    }
  }
  return out;
}

}  // namespace

CountingDay count(const std::vector<DayVersion>& versions, const AsOf& as_of) {
  CountingDay counting;
  for (const auto& [position, version] : versions) {
    if (!as_of.holds(position)) continue;
    overlay(counting.values, version);
    for (std::uint64_t rest = version.present; rest != 0; rest &= rest - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(rest));
      counting.position[i] = position;
      counting.estimation_reason[i] = version.detail ? version.detail->estimation_reasons[i] : 0;
      counting.amendment_reason[i] = version.detail ? version.detail->amendment_reasons[i] : '\0';
    }
  }
  return counting;
}

Json describe_meter_day(MeterSight& meter, core::UtcDay day) {
  auto versions = read_versions(meter, day);
  Json out = Json::array();
  for (const auto quantity : quantities_of(meter, day, versions)) {
    const auto& list = versions[quantity];
    const CountingDay counting = count(list);
    Json& one = out.emplace_back(object_of(12));
    one["measurement_quantity"] = core::to_string(quantity);
    one["versions"] = newest_items(
        list.size(), [&](std::size_t i) { return describe_version(meter, list[i], counting); });
    one["counting"] = describe_counting(meter, day, counting);
    one["runs"] = describe_meter_runs(meter, day, quantity, list);
  }
  return out;
}

}  // namespace hhgrid::actors::inspection
