#include "actors/query/inspection_meter.hpp"

#include <algorithm>

#include "actors/query/inspected_meter.hpp"
#include "actors/query/inspection_meter_data.hpp"
#include "actors/query/inspection_meter_day.hpp"
#include "core/decimal.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors::inspection {

using core::MeasurementQuantity;
using storage::Family;
using storage::KeyReader;
using storage::KeyWriter;
using storage::Position;

namespace {

/// How many dead letters are looked through for those of one meter.
constexpr int letters_examined_max = 100;

bool is_superseded(const MeterState& meter, const RegistrationVersion& version) {
  if (version.is_contradicted()) return true;
  return std::any_of(meter.registrations.begin(), meter.registrations.end(), [&](const auto& v) {
    return v.from == version.from && v.position > version.position && !v.is_contradicted();
  });
}

// -- state --------------------------------------------------------------------------------------

Json describe_registrations(InspectedMeter& meter, std::optional<core::UtcDay> day) {
  std::vector<std::pair<core::SettlementDay, const RegistrationVersion*>> governing;
  if (day)
    for (const auto& span : meter.calendar.spans_of(*day))
      governing.emplace_back(span.day, governing_registration(meter.state, span.day));
  return newest_items(meter.state.registrations.size(), [&](std::size_t i) {
    const auto& version = meter.state.registrations[i];
    Json out = object_of(19);
    out["effective_from"] = day_json(version.from.value);
    out["effective_to"] = day_json(version.to.value);
    describe_terms(meter.terms(version.terms), out);
    meter.provenance.describe(version.position, out);
    out["superseded"] = is_superseded(meter.state, version);
    Json governs = Json::array();
    for (const auto& [settlement_day, by] : governing)
      if (by == &version) governs.push_back(day_json(settlement_day.value));
    out["governs"] = std::move(governs);
    return out;
  });
}

Json describe_annual_consumption(InspectedMeter& meter) {
  return newest_items(meter.state.annual_consumption.size(), [&](std::size_t i) {
    const auto& version = meter.state.annual_consumption[i];
    Json out = {{"effective_from", day_json(version.from)},
                {"kwh", kwh(version.energy_wh)},
                {"quality", std::string(1, version.quality)}};
    if (version.is_contradicted()) out["refused"] = "ECS1006";
    meter.provenance.describe(version.position, out);
    return out;
  });
}

Json describe_registers(InspectedMeter& meter) {
  return newest_items(meter.state.registers().size(), [&](std::size_t i) {
    const auto& version = meter.state.registers()[i];
    const auto& [meter_id, register_id, quantity, installed_at] = version.key;
    const bool fitted = version.removed_at == storage::MeterRegister::still_fitted;
    Json out = {{"meter_id", meter_id.view()},
                {"register_id", register_id.view()},
                {"measurement_quantity", core::to_string(quantity)},
                {"role", core::to_string(version.role)},
                {"installed_at", core::format_instant(installed_at)},
                {"removed_at", fitted ? Json() : Json(core::format_instant(version.removed_at))},
                {"maximum_kwh", version.maximum_wh == 0 ? Json() : Json(kwh(version.maximum_wh))}};
    if (version.is_contradicted()) out["refused"] = "ECS1006";
    meter.provenance.describe(version.position, out);
    return out;
  });
}

// -- days with data -----------------------------------------------------------------------------

Json describe_data(const std::map<MeasurementQuantity, DataDays>& data) {
  Json out = Json::array();
  for (const auto& [quantity, days] : data)
    out.push_back({{"measurement_quantity", core::to_string(quantity)},
                   {"first", day_json(days.first.value)},
                   {"last", day_json(days.last.value)},
                   {"days", days.days},
                   {"complete_days", days.complete}});
  return out;
}

/// The last day with data, else the last that a run settled while the meter was registered.
std::optional<core::UtcDay> latest_day(const InspectedMeter& meter,
                                       const std::map<MeasurementQuantity, DataDays>& data) {
  std::optional<core::UtcDay> latest;
  for (const auto& [quantity, days] : data)
    if (!latest || *latest < days.last) latest = days.last;
  if (latest) return latest;
  const auto settled = latest_run_day(meter.market, [&](const RunInfo& run) {
    return has_results(run) && governing_terms(meter.state, run.day);
  });
  if (!settled) return std::nullopt;
  return meter.calendar.spans_of(*settled).back().day;
}

// -- failures -----------------------------------------------------------------------------------

Json describe_failures(const InspectedMeter& meter) {
  Json letters = Json::array();
  const SeldomState& state = *meter.state.seldom;
  const std::string address = "meter/" + meter.mpan.to_string();
  // The greatest key below this one is that of the position, or of one before it.
  std::string before = KeyWriter().position(state.failed_position).u8(0).str();
  for (int i = 0; i < letters_examined_max && letters.size() < state.failures; ++i) {
    const auto found = need(meter.store.last_before(Family::dead_letter, before));
    if (!found || letters.size() == items_max) break;
    before = found->first;
    const std::string position = to_string(KeyReader(before).position());
    const auto where = meter.store.path().string() + " dead letter " + position;
    need(storage::read_record<schema::DeadLetterRecord>(found->second, where, [&](auto letter) {
      if (letter.getAddress() == address.c_str())
        letters.push_back({{"position", position},
                           {"received_at", core::format_instant({letter.getReceivedAt()})},
                           {"reason", letter.getReason().cStr()}});
      return true;
    }));
  }
  const std::size_t more = state.failures - std::min<std::size_t>(state.failures, letters.size());
  return {{"count", state.failures},
          {"last_position", state.failures == 0 ? Json() : Json(to_string(state.failed_position))},
          {"dead_letters", {{"items", std::move(letters)}, {"more", more}}}};
}

}  // namespace

Json describe_meter(const InspectionSource& source, core::Mpan mpan,
                    std::optional<std::int32_t> day) {
  InspectedMeter meter(source, mpan);
  auto utc_day = day ? std::optional(core::UtcDay{*day}) : std::nullopt;
  Json data;
  if (!day) {  // who asks for a day knows of it, and years of presence records take longer to read
    const auto days = data_days(meter);
    utc_day = latest_day(meter, days);
    data = describe_data(days);
  }
  Json out = object_of(10);
  out["address"] = "meter/" + mpan.to_string();
  out["partition"] = meter.partition;
  out["number"] = meter.state.number;
  out["registrations"] = describe_registrations(meter, utc_day);
  out["annual_consumption"] = describe_annual_consumption(meter);
  out["registers"] = describe_registers(meter);
  if (!day) out["data"] = std::move(data);
  out["failures"] = describe_failures(meter);
  out["utc_day"] = utc_day ? day_json(utc_day->value) : Json();
  if (utc_day) out["quantities"] = describe_meter_day(meter, *utc_day);
  return out;
}

}  // namespace hhgrid::actors::inspection
