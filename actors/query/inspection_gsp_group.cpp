#include "actors/query/inspection_gsp_group.hpp"

#include <algorithm>

#include "actors/query/inspection_results.hpp"
#include "actors/query/inspection_standing.hpp"
#include "core/decimal.hpp"
#include "storage/store/key.hpp"

namespace hhgrid::actors::inspection {
namespace {

using storage::Errc;
using storage::Error;
using storage::Family;

struct TakeDays {
  int days = 0;
  std::optional<core::SettlementDay> first, last;
};

/// Keys alone say which days have a take.
TakeDays take_days(const View& view, core::GspGroup group) {
  TakeDays found;
  need(storage::each_key(view, Family::actor, take_prefix(group), [&](storage::KeyReader& key) {
    const core::SettlementDay day{key.day()};
    key.position();
    if (found.last == day) return;  // another version of the same day
    if (!found.first) found.first = day;
    found.last = day;
    ++found.days;
  }));
  return found;
}

Json describe_take(const View& view, Provenance& provenance, core::GspGroup group,
                   core::SettlementDay day, int period_count) {
  const auto versions = standing_versions(view, take_prefix(group, day));
  core::StandingData data;
  for (const auto& version : versions)  // keys are in order of position
    if (const auto left = version.left()) put(data, *left);
  Json out = Json::object();
  out["versions"] = newest_items(versions.size(), [&](std::size_t i) {
    const auto& take = std::get<storage::GroupTake>(versions[i].row).take;
    Json version = Json::object();
    provenance.describe(versions[i].position, version);
    version["periods"] = periods_text(take.present.to_ullong());
    if (const auto refused = versions[i].refused_as_of(storage::Position::greatest()))
      version["refused"] = periods_text(refused);
    version["total_kwh"] = kwh(sum(take.energy_wh));
    return version;
  });
  Json& periods = out["periods"] = Json::array();
  const auto* take = data.group_take(group, day);
  if (take == nullptr) return out;
  for (std::size_t i = 0; i < static_cast<std::size_t>(period_count); ++i) {
    Json& period = periods.emplace_back(object_of(12));
    period["settlement_period"] = i + 1;
    period["kwh"] = take->present[i] ? Json(kwh(take->energy_wh[i])) : Json();
    if (take->present[i]) period["flag"] = take->estimated[i] ? "E" : "A";
  }
  return out;
}

Json range_json(const core::PeriodEnergy& factors, int period_count) {
  const auto first = factors.begin(), last = factors.begin() + period_count;
  const auto mean = core::round_half_away(sum(factors), period_count);
  return {{"min", factor_text(*std::min_element(first, last))},
          {"mean", factor_text(static_cast<std::int64_t>(mean))},
          {"max", factor_text(*std::max_element(first, last))}};
}

Json describe_group_run(const View& market, const View& view, const RunInfo& run,
                        core::GspGroup group, int period_count) {
  Json out = run_json(run);
  out["correction_method"] =
      run.method == core::CorrectionMethod::legacy ? "legacy" : "import_export";
  out["exceptions"] = exceptions_json(market, run, group.to_string());
  const auto factors =
      has_results(run) ? factors_of(view, run.number, group) : std::optional<FactorRow>();
  out["settled"] = factors.has_value();
  if (!factors) return out;
  const auto counts = counts_of(view, run, group);
  out["components"] = counts.components;
  out["bmus"] = counts.bmus;
  out["msid_count"] = counts.msids;
  out["group_take_kwh"] = kwh(sum(factors->group_take_wh));
  out["uncorrected_kwh"] = kwh(sum(factors->uncorrected_wh));
  out["residual_kwh"] = kwh(sum(factors->residual_wh));
  out["gcf_import"] = range_json(factors->gcf_import, period_count);
  out["gcf_export"] = range_json(factors->gcf_export, period_count);
  Json& periods = out["periods"] = Json::array();
  for (std::size_t i = 0; i < static_cast<std::size_t>(period_count); ++i) {
    Json& period = periods.emplace_back(object_of(12));
    period["settlement_period"] = i + 1;
    period["group_take_kwh"] = kwh(factors->group_take_wh[i]);
    period["uncorrected_kwh"] = kwh(factors->uncorrected_wh[i]);
    period["gcf_import"] = factor_text(factors->gcf_import[i]);
    period["gcf_export"] = factor_text(factors->gcf_export[i]);
    period["residual_kwh"] = kwh(factors->residual_wh[i]);
  }
  return out;
}

}  // namespace

Json describe_gsp_group(const InspectionSource& source, core::GspGroup group,
                        std::optional<std::int32_t> day) {
  const View market(source.stores.market());
  const auto unknown = [&] {
    return ReadFailure(
        Error{Errc::unknown, "GSP Group " + group.to_string() + " has no state in this grid"});
  };
  const auto view = group_view(source.stores, group);
  if (!view) throw unknown();
  Provenance provenance(*view);
  const auto takes = take_days(*view, group);
  const auto settled_day = latest_run_day(market, [&](const RunInfo& run) {
    return has_results(run) && factors_of(*view, run.number, group);
  });
  if (!takes.last && !settled_day) throw unknown();
  const auto told = day ? core::SettlementDay{*day} : settled_day ? *settled_day : *takes.last;
  const int period_count = source.calendar->period_count(told);
  Json out = {{"address", "gsp/" + group.to_string()}};
  out["take_days"] = {{"first", takes.first ? day_json(takes.first->value) : Json()},
                      {"last", takes.last ? day_json(takes.last->value) : Json()},
                      {"days", takes.days}};
  out["settlement_date"] = day_json(told.value);
  out["take"] = describe_take(*view, provenance, group, told, period_count);
  const auto runs = need(runs_of_day(market, told));
  out["runs"] = newest_items(runs.size(), [&](std::size_t i) {
    return describe_group_run(market, *view, runs[i], group, period_count);
  });
  return out;
}

}  // namespace hhgrid::actors::inspection
