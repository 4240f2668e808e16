#include "actors/query/inspection_bmu.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "actors/gsp/bmu.hpp"
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
    if (version.left())
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
    const bool refused = !versions[i].left();
    out["superseded"] = refused || newest[versions[i].row_key] != versions[i].position;
    if (refused) out["refused"] = "ECS1006";
    return out;
  });
}

Json describe_components(const View& view, std::uint32_t run, const Holder& holder,
                         const core::BmuId& bmu) {
  Json out = Json::array();
  for (const auto& component : components_of(view, run, holder.first, holder.second, bmu))
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

/// What the BMU actor says it was allocated by class, and what that changed.
Json describe_classes(const BmuRun& given) {
  Json out = Json::array();
  for (const BmuClassVolume& volume : given.classes) {
    Json& item = out.emplace_back(object_of(6));
    item["ccc_id"] = volume.ccc_id;
    item["measurement_quantity"] = core::to_string(volume.quantity);
    item["indicator"] = core::to_string(volume.indicator);
    item["allocated_kwh"] = kwh(sum(volume.allocated_wh));
    if (given.change_from_run != 0) item["change_kwh"] = kwh(sum(volume.change_wh));
  }
  return out;
}

/// One actor of the unit with the view of its GSP Group's partition.
struct UnitPlace {
  Holder holder;
  const View* view = nullptr;
};

/// What one run gave the unit.
struct UnitRun {
  const RunInfo* run = nullptr;
  const RunInfo* before = nullptr;  ///< The run that its changes are against.
  UnitPlace place;
  BmuRun given;
};

/// Import counts for, export against.
core::PeriodEnergy change_of(const BmuRun& given) {
  core::PeriodEnergy change{};
  for (const BmuClassVolume& volume : given.classes)
    for (std::size_t i = 0; i < change.size(); ++i)
      change[i] += volume.quantity == core::MeasurementQuantity::active_import
                       ? volume.change_wh[i]
                       : -volume.change_wh[i];
  return change;
}

Json describe_unit_run(const View& market, const UnitRun& unit, const core::BmuId& bmu,
                       int period_count) {
  const BmuRun& given = unit.given;
  core::PeriodEnergy allocated{};
  for (std::size_t i = 0; i < allocated.size(); ++i)
    allocated[i] = given.import_wh[i] - given.export_wh[i];
  const auto change = change_of(given);
  Json out = run_json(*unit.run);
  out["gsp"] = "gsp/" + unit.place.holder.first.to_string();
  out["supplier_id"] = id_json(unit.place.holder.second);
  out["import_kwh"] = kwh(sum(given.import_wh));
  out["export_kwh"] = kwh(sum(given.export_wh));
  out["allocated_kwh"] = kwh(sum(allocated));
  out["change_from"] = unit.before != nullptr ? Json(unit.before->id()) : Json();
  if (unit.before != nullptr) out["change_kwh"] = kwh(sum(change));
  out["classes"] = describe_classes(given);
  out["components"] =
      describe_components(*unit.place.view, unit.run->number, unit.place.holder, bmu);
  out["exceptions"] = exceptions_json(market, *unit.run, bmu.to_string());
  Json& periods = out["periods"] = Json::array();
  for (std::size_t i = 0; i < static_cast<std::size_t>(period_count); ++i) {
    Json& period = periods.emplace_back(object_of(12));
    period["settlement_period"] = i + 1;
    period["import_kwh"] = kwh(given.import_wh[i]);
    period["export_kwh"] = kwh(given.export_wh[i]);
    period["allocated_kwh"] = kwh(allocated[i]);
    if (unit.before != nullptr) period["change_kwh"] = kwh(change[i]);
  }
  return out;
}

/// In the order of the runs: what each has given the unit, wherever it is.
std::vector<UnitRun> unit_runs(const std::vector<RunInfo>& runs, core::SettlementDay day,
                               const core::BmuId& bmu, const std::vector<UnitPlace>& places) {
  const auto run_of = [&](std::uint32_t number) {
    const auto found = std::find_if(runs.begin(), runs.end(),
                                    [&](const RunInfo& run) { return run.number == number; });
    return found == runs.end() ? nullptr : &*found;
  };
  std::vector<UnitRun> units;
  for (const UnitPlace& place : places)
    for (auto& given : need(read_bmu_day(*place.view, day, {place.holder.second, bmu})).runs) {
      const RunInfo* run = run_of(given.run);
      if (run == nullptr || !has_results(*run)) continue;
      const RunInfo* before = given.change_from_run == 0 ? nullptr : run_of(given.change_from_run);
      units.push_back({run, before, place, std::move(given)});
    }
  std::stable_sort(units.begin(), units.end(), [](const UnitRun& a, const UnitRun& b) {
    return a.run->number < b.run->number;
  });
  return units;
}

/// Whether a run has given the unit anything, anywhere.
bool has_volumes(const RunInfo& run, const core::BmuId& bmu, const std::vector<UnitPlace>& places) {
  return has_results(run) && std::any_of(places.begin(), places.end(), [&](const UnitPlace& place) {
           const BmuAddress address{place.holder.second, bmu};
           return need(place.view->get(storage::Family::actor,
                                       bmu_key::of_run(run.day, address, run.number)))
               .has_value();
         });
}

}  // namespace

Json describe_bmu(const InspectionSource& source, const core::BmuId& bmu,
                  std::optional<std::int32_t> day) {
  const View market(source.stores.market());
  Provenance provenance(market);
  const auto versions = standing_versions(market, bmu_prefix(bmu));
  if (versions.empty())
    throw ReadFailure(
        Error{Errc::unknown, "BM unit " + bmu.to_string() + " has no state in this grid"});
  std::set<Holder> holders;
  for (const auto& version : versions) {
    const auto& row = std::get<core::Bmu>(version.row);
    holders.emplace(row.gsp_group, row.supplier);
  }
  std::map<core::GspGroup, std::unique_ptr<View>> views;
  std::vector<UnitPlace> places;
  for (const Holder& holder : holders) {
    const auto [view, is_new] = views.try_emplace(holder.first);
    if (is_new) view->second = group_view(source.stores, holder.first);
    if (view->second) places.push_back({holder, view->second.get()});
  }
  const auto settlement_day = day ? std::optional(core::SettlementDay{*day})
                                  : latest_run_day(market, [&](const RunInfo& run) {
                                      return has_volumes(run, bmu, places);
                                    });
  Json out = {{"address", "bmu/" + bmu.to_string()},
              {"registrations", describe_registrations(versions, provenance)},
              {"settlement_date", settlement_day ? day_json(settlement_day->value) : Json()}};
  if (!settlement_day) return out;
  const auto runs = need(runs_of_day(market, *settlement_day));
  const auto units = unit_runs(runs, *settlement_day, bmu, places);
  const int period_count = source.calendar->period_count(*settlement_day);
  out["runs"] = newest_items(units.size(), [&](std::size_t i) {
    return describe_unit_run(market, units[i], bmu, period_count);
  });
  return out;
}

}  // namespace hhgrid::actors::inspection
