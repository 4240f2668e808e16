#include "actors/gsp/group_volumes.hpp"

#include <tuple>

#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors {
namespace {

using core::MeasurementQuantity;

void add_to(core::PeriodEnergy& sum, const core::PeriodEnergy& energy) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += energy[i];
}

MeasurementQuantity read_quantity(std::uint8_t value) {
  return read_enumeration<MeasurementQuantity>("quantity", value, storage::quantity_count);
}

/// Components are gathered by GSP Group, so every one of them must have one.
core::Terms read_group_terms(schema::Terms::Reader in) {
  core::Terms terms = read_terms(in);
  if (terms.gsp_group.empty()) refuse_field("terms.gspGroup", "", "is no GSP Group");
  return terms;
}

}  // namespace

TermsSums read_terms_sums(schema::TermsSums::Reader in) {
  return {read_group_terms(in.getTerms()),
          read_quantity(in.getQuantity()),
          in.getMsidCount(),
          in.getMeterCount(),
          read_period_energy("actualWh", in.getActualWh()),
          read_period_energy("otherActualWh", in.getOtherActualWh()),
          read_period_energy("estimatedWh", in.getEstimatedWh())};
}

TermsDefaults read_terms_defaults(schema::DefaultSums::Reader in) {
  return {read_group_terms(in.getTerms()), read_quantity(in.getQuantity()),
          read_period_energy("energyWh", in.getEnergyWh())};
}

GroupVolume& GroupVolumes::of(const core::Terms& terms, MeasurementQuantity quantity) {
  const auto [found, is_new] = volumes_.try_emplace({terms, quantity});
  if (is_new) {
    found->second.volume.terms = terms;
    found->second.volume.quantity = quantity;
  }
  return found->second;
}

void GroupVolumes::add(const TermsSums& sums) {
  GroupVolume& total = of(sums.terms, sums.quantity);
  total.meter_count += sums.meter_count;
  total.volume.msid_count += sums.msid_count;
  add_to(total.volume.actual_wh, sums.actual_wh);
  for (const auto* part : {&sums.actual_wh, &sums.other_actual_wh, &sums.estimated_wh})
    add_to(total.volume.energy_wh, *part);
}

void GroupVolumes::add(const TermsDefaults& defaults) {
  GroupVolume& total = of(defaults.terms, defaults.quantity);
  add_to(total.volume.energy_wh, defaults.energy_wh);
  add_to(total.volume.defaulted_wh, defaults.energy_wh);
}

std::vector<GroupVolume> GroupVolumes::active() const {
  std::vector<GroupVolume> active;
  active.reserve(volumes_.size());
  for (const auto& [key, volume] : volumes_)
    if (core::is_settled(key.second)) active.push_back(volume);
  return active;
}

core::GroupSettlement settle(core::GspGroup gsp_group, core::SettlementDay day, int period_count,
                             const std::vector<GroupVolume>& volumes,
                             const core::StandingData& standing, core::CorrectionMethod method) {
  std::vector<core::TermsVolume> terms_volumes;
  terms_volumes.reserve(volumes.size());
  for (const GroupVolume& one : volumes) terms_volumes.push_back(one.volume);
  return core::settle_group(gsp_group, day, period_count, terms_volumes, standing, method);
}

std::vector<DuosVolume> duos_volumes(core::GspGroup gsp_group,
                                     const std::vector<GroupVolume>& volumes) {
  using Key = std::tuple<std::uint8_t, core::SupplierId, core::DuosTariffId, core::Direction, bool>;
  std::map<Key, DuosVolume> by_tariff;
  for (const auto& [volume, meter_count] : volumes) {
    const core::Terms& terms = volume.terms;
    const auto direction = volume.quantity == MeasurementQuantity::active_import
                               ? core::Direction::import_
                               : core::Direction::export_;
    DuosVolume& duos = by_tariff[{terms.distributor, terms.supplier, terms.duos_tariff, direction,
                                  terms.domestic}];
    duos.gsp_group = gsp_group;
    duos.distributor = terms.distributor;
    duos.supplier = terms.supplier;
    duos.duos_tariff = terms.duos_tariff;
    duos.direction = direction;
    duos.domestic = terms.domestic;
    add_to(duos.uncorrected_wh, volume.energy_wh);
    add_to(duos.actual_wh, volume.actual_wh);
    duos.energised_count += volume.msid_count;
    if (!terms.energised) duos.de_energised_count += meter_count;
  }
  std::vector<DuosVolume> all;
  all.reserve(by_tariff.size());
  for (const auto& [key, duos] : by_tariff) all.push_back(duos);
  return all;
}

}  // namespace hhgrid::actors
