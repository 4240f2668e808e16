#include <algorithm>
#include <map>
#include <set>

#include "actors/query/inspection_market.hpp"
#include "actors/query/inspection_results.hpp"
#include "actors/query/inspection_standing.hpp"
#include "core/decimal.hpp"

namespace hhgrid::actors::inspection {
namespace {

using storage::Errc;
using storage::Error;

/// For whom a unit has volumes.
using Holder = std::pair<core::GspGroup, core::SupplierId>;

Json describe_registrations(std::vector<StandingVersion> versions, Provenance& provenance) {
  std::map<std::string, storage::Position> newest;
  for (const auto& version : versions)
    newest[version.row_key] = std::max(newest[version.row_key], version.position);
  std::sort(versions.begin(), versions.end(),
            [](const auto& a, const auto& b) { return a.position < b.position; });
  return newest_items(versions.size(), [&](std::size_t i) {
    const auto& row = std::get<core::Bmu>(versions[i].row);
    Json out = {{"supplier_id", id_json(row.supplier)},
                {"gsp_group_id", id_json(row.gsp_group)},
                {"default_unit", row.default_unit},
                {"effective_from", day_json(row.effective.from.value)},
                {"effective_to", day_json(row.effective.to.value)}};
    provenance.describe(versions[i].position, out);
    out["superseded"] = newest[versions[i].row_key] != versions[i].position;
    return out;
  });
}

Json describe_components(const View& market, std::uint32_t run, const Holder& holder,
                         const core::BmuId& bmu) {
  Json out = Json::array();
  for (const auto& component : components_of(market, run, holder.first, holder.second, bmu))
    out.push_back({{"ccc_id", component.ccc_id},
                   {"measurement_quantity", core::to_string(component.quantity)},
                   {"indicator", core::to_string(component.indicator)},
                   {"weight", core::format_decimal(component.weight_hundredths, 2)},
                   {"msid_count", component.msid_count},
                   {"uncorrected_kwh", kwh(sum(component.uncorrected_wh))},
                   {"corrected_kwh", kwh(sum(component.corrected_wh))},
                   {"actual_kwh", kwh(sum(component.actual_wh))},
                   {"defaulted_kwh", kwh(sum(component.defaulted_wh))}});
  return out;
}

/// What one run gave the unit, against what the run before it had given.
struct UnitRun {
  const RunInfo* run = nullptr;
  Holder holder;
  core::BmuVolume volume;
  const RunInfo* before = nullptr;
  core::PeriodEnergy before_wh{};

  core::PeriodEnergy allocated_wh() const {
    core::PeriodEnergy allocated{};
    for (std::size_t i = 0; i < allocated.size(); ++i)
      allocated[i] = volume.import_wh[i] - volume.export_wh[i];
    return allocated;
  }
};

Json describe_unit_run(const View& market, const UnitRun& unit, int period_count) {
  const auto allocated = unit.allocated_wh();
  Json out = run_json(*unit.run);
  out["gsp"] = "gsp/" + unit.holder.first.to_string();
  out["supplier_id"] = id_json(unit.holder.second);
  out["import_kwh"] = kwh(sum(unit.volume.import_wh));
  out["export_kwh"] = kwh(sum(unit.volume.export_wh));
  out["allocated_kwh"] = kwh(sum(allocated));
  out["change_from"] = unit.before != nullptr ? Json(unit.before->id()) : Json();
  if (unit.before != nullptr) out["change_kwh"] = kwh(sum(allocated) - sum(unit.before_wh));
  out["components"] = describe_components(market, unit.run->number, unit.holder, unit.volume.bmu);
  out["exceptions"] = exceptions_json(*unit.run);
  Json& periods = out["periods"] = Json::array();
  for (std::size_t i = 0; i < static_cast<std::size_t>(period_count); ++i) {
    Json& period = periods.emplace_back(object_of(12));
    period["settlement_period"] = i + 1;
    period["import_kwh"] = kwh(unit.volume.import_wh[i]);
    period["export_kwh"] = kwh(unit.volume.export_wh[i]);
    period["allocated_kwh"] = kwh(allocated[i]);
    if (unit.before != nullptr) period["change_kwh"] = kwh(allocated[i] - unit.before_wh[i]);
  }
  return out;
}

std::vector<UnitRun> unit_runs(const View& market, const std::vector<RunInfo>& runs,
                               const core::BmuId& bmu, const std::set<Holder>& holders) {
  std::vector<UnitRun> units;
  for (const auto& run : runs) {
    if (!has_results(run)) continue;
    for (const auto& holder : holders) {
      auto volume = volume_of(market, run.number, holder.first, holder.second, bmu);
      if (!volume) continue;
      UnitRun unit{&run, holder, *volume, nullptr, {}};
      const auto before = std::find_if(units.rbegin(), units.rend(),
                                       [&](const UnitRun& u) { return u.holder == holder; });
      if (before != units.rend()) {
        unit.before = before->run;
        unit.before_wh = before->allocated_wh();
      }
      units.push_back(std::move(unit));
    }
  }
  return units;
}

}  // namespace

Json describe_bmu(const InspectionSource& source, const core::BmuId& bmu,
                  std::optional<std::int32_t> day) {
  const View market(*source.stores.back());
  Provenance provenance(market);
  const auto versions = standing_versions(market, bmu_prefix(bmu));
  if (versions.empty())
    throw ReadFailure(
        Error{Errc::foreign, "BM unit " + bmu.to_string() + " has no state in this grid"});
  std::set<Holder> holders;
  for (const auto& version : versions) {
    const auto& row = std::get<core::Bmu>(version.row);
    holders.emplace(row.gsp_group, row.supplier);
  }
  const auto settlement_day =
      day ? std::optional(core::SettlementDay{*day})
          : latest_run_day(market, [&](const RunInfo& run) {
              return has_results(run) &&
                     std::any_of(holders.begin(), holders.end(), [&](const Holder& holder) {
                       return volume_of(market, run.number, holder.first, holder.second, bmu);
                     });
            });
  Json out = {{"address", "bmu/" + bmu.to_string()},
              {"registrations", describe_registrations(versions, provenance)},
              {"settlement_date", settlement_day ? day_json(settlement_day->value) : Json()}};
  if (!settlement_day) return out;
  const auto runs = runs_about(market, *settlement_day, bmu.to_string());
  const auto units = unit_runs(market, runs, bmu, holders);
  const int period_count = source.calendar->period_count(*settlement_day);
  out["runs"] = newest_items(units.size(), [&](std::size_t i) {
    return describe_unit_run(market, units[i], period_count);
  });
  return out;
}

}  // namespace hhgrid::actors::inspection
