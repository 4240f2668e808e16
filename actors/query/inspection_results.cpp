#include "actors/query/inspection_results.hpp"

#include <numeric>

#include "actors/gsp/bmu.hpp"
#include "actors/gsp/run_results_key.hpp"
#include "actors/host/message_codec.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors::inspection {
namespace {

using storage::Family;

/// The keys and rows under a prefix.
template <class Record, class Take>
void each_under(const View& view, const std::string& prefix, Take&& take) {
  need(storage::Table<Record>(Family::run)
           .each(view, prefix, [&](storage::KeyReader& key, typename Record::Reader record) {
             take(key.rest(), record);
           }));
}

template <class Record, class Read>
auto row_at(const View& view, const std::string& key, Read&& read)
    -> std::optional<decltype(read(std::declval<typename Record::Reader>()))> {
  return need(storage::Table<Record>(Family::run).get(view, key, read));
}

/// Key parts end in a zero byte, so that of a whole part is a prefix of its keys and no other's.
std::string ended(std::string_view part) { return std::string(part) + '\0'; }

}  // namespace

std::unique_ptr<View> group_view(const storage::StoreSet& stores, core::GspGroup group) {
  const auto* store = need(stores.find(stores.topology().of(group)));
  return store == nullptr ? nullptr : std::make_unique<View>(*store);
}

std::optional<FactorRow> factors_of(const View& view, std::uint32_t run, core::GspGroup group) {
  return row_at<schema::FactorRecord>(view, run_key::factor(run, group), [&](auto record) {
    FactorRow row;
    row.gsp_group = group;
    row.group_take_wh = read_stored_energy("groupTakeWh", record.getGroupTakeWh());
    row.uncorrected_wh = read_stored_energy("uncorrectedWh", record.getUncorrectedWh());
    row.gcf_import = read_stored_energy("gcfImport", record.getGcfImport());
    row.gcf_export = read_stored_energy("gcfExport", record.getGcfExport());
    row.residual_wh = read_stored_energy("residualWh", record.getResidualWh());
    return row;
  });
}

std::vector<core::BmuId> units_of(const View& view, const RunInfo& run,
                                  const core::SupplierId& supplier) {
  std::vector<core::BmuId> units;
  const auto prefix = bmu_key::of_day(run.day) + ended(supplier.view());
  need(view.scan_prefix(Family::actor, prefix, [&](std::string_view key, std::string_view) {
    const auto parts = bmu_key::read(key);
    if (parts && parts->run == run.number) units.push_back(parts->address.bmu);
    return true;
  }));
  return units;
}

std::vector<core::Component> components_of(const View& view, std::uint32_t run,
                                           core::GspGroup group, const core::SupplierId& supplier,
                                           const core::BmuId& bmu) {
  std::vector<core::Component> components;
  const auto prefix = run_key::prefix(run_key::component_tag, run) + ended(group.to_string()) +
                      ended(supplier.view()) + ended(bmu.view());
  each_under<schema::ComponentRecord>(view, prefix, [&](std::string_view key, auto record) {
    core::Component& component = components.emplace_back();
    component.supplier = supplier;
    component.bmu = bmu;
    component.ccc_id = run_key::Parts(key, prefix.size()).u16();
    component.quantity = read_enumeration<core::MeasurementQuantity>(
        "quantity", record.getQuantity(), storage::quantity_count);
    component.indicator = read_enumeration<core::Indicator>("indicator", record.getIndicator(),
                                                            storage::indicator_count);
    component.weight_hundredths = record.getWeightHundredths();
    component.msid_count = record.getMsidCount();
    component.uncorrected_wh = read_stored_energy("uncorrectedWh", record.getUncorrectedWh());
    component.corrected_wh = read_stored_energy("correctedWh", record.getCorrectedWh());
    component.actual_wh = read_stored_energy("actualWh", record.getActualWh());
    component.defaulted_wh = read_stored_energy("defaultedWh", record.getDefaultedWh());
  });
  return components;
}

GroupCounts counts_of(const View& view, const RunInfo& run, core::GspGroup group) {
  GroupCounts counts;
  const auto components =
      run_key::prefix(run_key::component_tag, run.number) + ended(group.to_string());
  each_under<schema::ComponentRecord>(view, components, [&](std::string_view, auto record) {
    ++counts.components;
    if (record.getIndicator() == storage::number(core::Indicator::consumption))
      counts.msids += record.getMsidCount();
  });
  need(view.scan_prefix(Family::actor, bmu_key::of_day(run.day),
                        [&](std::string_view key, std::string_view) {
                          const auto parts = bmu_key::read(key);
                          if (parts && parts->run == run.number) ++counts.bmus;
                          return true;
                        }));
  return counts;
}

core::WattHours sum(const core::PeriodEnergy& energy_wh) {
  return std::accumulate(energy_wh.begin(), energy_wh.end(), core::WattHours{0});
}

}  // namespace hhgrid::actors::inspection
