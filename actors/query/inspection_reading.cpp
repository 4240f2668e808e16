#include "actors/query/inspection_reading.hpp"

#include <algorithm>
#include <bit>

#include "actors/gsp/run_results_key.hpp"
#include "actors/host/message_codec.hpp"
#include "core/decimal.hpp"
#include "core/text.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors::inspection {
namespace {

using storage::Errc;
using storage::Error;
using storage::Family;

constexpr int run_days_max = 400;

}  // namespace

Json object_of(std::size_t members) {
  Json::object_t object;
  object.reserve(members);
  return object;
}

// -- texts --------------------------------------------------------------------------------------

std::string kwh(core::WattHours energy_wh) { return core::format_decimal(energy_wh, 3); }

std::string factor_text(std::int64_t factor) { return core::format_decimal(factor, 9); }

Json day_json(std::int32_t day_number) {
  return day_number == core::open_ended.value ? Json() : Json(core::format_day(day_number));
}

std::string period_end(core::UtcDay day, int period) {
  return core::format_instant({day.value * core::ms_per_utc_day + period * core::ms_per_period});
}

std::string periods_text(std::uint64_t mask) {
  std::vector<int> periods;
  for (; mask != 0; mask &= mask - 1) periods.push_back(std::countr_zero(mask) + 1);
  return core::format_periods(periods);
}

// -- lists --------------------------------------------------------------------------------------

Json newest_items(std::size_t size, const std::function<Json(std::size_t)>& item) {
  const std::size_t shown = std::min(size, items_max);
  Json::array_t items;
  items.reserve(shown);
  for (std::size_t i = 0; i < shown; ++i) items.push_back(item(size - 1 - i));
  Json list = object_of(2);
  list["items"] = std::move(items);
  list["more"] = size - shown;
  return list;
}

Json newest_items(std::vector<Json> items) {
  return newest_items(items.size(), [&](std::size_t i) { return std::move(items[i]); });
}

// -- where a position comes from ------------------------------------------------------------------

const storage::BlockOrigin& Provenance::of(storage::Position position) {
  return *need(blocks_.of(position));
}

void Provenance::describe(storage::Position position, Json& out) {
  const auto& origin = of(position);
  out["position"] = to_string(position);
  out["received_at"] = core::format_instant(origin.received_at);
  out["source"] = origin.source;
  if (!origin.participant.empty()) out["participant"] = origin.participant.to_string();
}

// -- runs ---------------------------------------------------------------------------------------

Json exceptions_json(const View& market, const RunInfo& run, std::string_view subject) {
  std::vector<core::Exception> about;
  need(for_each_exception(market, run.number, [&](const core::Exception& exception) {
    if (exception.subject == subject) about.push_back(exception);
    return true;
  }));
  return newest_items(about.size(), [&](std::size_t i) {
    return Json(
        {{"kind", about[i].kind}, {"settlement_period", about[i].period}, {"text", about[i].text}});
  });
}

Json run_json(const RunInfo& run) {
  Json out = object_of(24);  // and what the caller adds
  out["run_id"] = run.id();
  out["run_number"] = run.number;
  out["settlement_date"] = core::format_day(run.day.value);
  out["settlement_code"] = core::to_string(run.code);
  out["status"] = to_string(run.status);
  out["cutoff_utc"] = core::format_instant(run.cutoff);
  if (!run.reason.empty()) out["reason"] = run.reason;
  return out;
}

std::optional<core::SettlementDay> latest_run_day(
    const View& market, const std::function<bool(const RunInfo&)>& tells) {
  std::string before(1, run_key::day_tag + 1);
  for (int looked = 0; looked < run_days_max; ++looked) {
    const auto found = need(market.last_before(Family::run, before));
    if (!found || found->first.front() != run_key::day_tag) return std::nullopt;
    const core::SettlementDay day{storage::KeyReader(found->first.substr(1)).day()};
    const auto runs = need(runs_of_day(market, day));
    if (std::any_of(runs.begin(), runs.end(), tells)) return day;
    before = run_key::day_prefix(day);
  }
  return std::nullopt;
}

}  // namespace hhgrid::actors::inspection
