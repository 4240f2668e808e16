#include "actors/gsp/gsp_group.hpp"

#include <tuple>

#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors {
namespace {

using core::MeasurementQuantity;

void add_to(core::PeriodEnergy& sum, const core::PeriodEnergy& energy) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += energy[i];
}

bool is_active(MeasurementQuantity quantity) {
  return quantity == MeasurementQuantity::active_import ||
         quantity == MeasurementQuantity::active_export;
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

TermsSums read_terms_sums(schema::ComponentSums::Reader in) {
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

GspGroupRun::Gathered& GspGroupRun::gathered(const core::Terms& terms,
                                             MeasurementQuantity quantity) {
  const auto [found, is_new] = volumes_.try_emplace({terms, quantity});
  if (is_new) {
    found->second.volume.terms = terms;
    found->second.volume.quantity = quantity;
  }
  return found->second;
}

void GspGroupRun::turn(const TermsSums& sums) {
  Gathered& total = gathered(sums.terms, sums.quantity);
  total.meter_count += sums.meter_count;
  total.volume.msid_count += sums.msid_count;
  add_to(total.volume.actual_wh, sums.actual_wh);
  for (const auto* part : {&sums.actual_wh, &sums.other_actual_wh, &sums.estimated_wh})
    add_to(total.volume.energy_wh, *part);
}

void GspGroupRun::turn(const TermsDefaults& defaults) {
  Gathered& total = gathered(defaults.terms, defaults.quantity);
  add_to(total.volume.energy_wh, defaults.energy_wh);
  add_to(total.volume.defaulted_wh, defaults.energy_wh);
}

core::GroupSettlement GspGroupRun::settle(core::SettlementDay day, int period_count,
                                          const core::StandingData& standing,
                                          core::CorrectionMethod method) const {
  std::vector<core::TermsVolume> volumes;
  volumes.reserve(volumes_.size());
  for (const auto& [key, total] : volumes_)
    if (is_active(key.second)) volumes.push_back(total.volume);
  return core::settle_group(gsp_group_, day, period_count, volumes, standing, method);
}

std::vector<DuosVolume> GspGroupRun::duos_volumes() const {
  using Key = std::tuple<std::uint8_t, core::SupplierId, core::DuosTariffId, core::Direction, bool>;
  std::map<Key, DuosVolume> by_tariff;
  for (const auto& [key, total] : volumes_) {
    if (!is_active(key.second)) continue;
    const core::Terms& terms = key.first;
    const auto direction = key.second == MeasurementQuantity::active_import
                               ? core::Direction::import_
                               : core::Direction::export_;
    DuosVolume& duos = by_tariff[{terms.distributor, terms.supplier, terms.duos_tariff, direction,
                                  terms.domestic}];
    duos.gsp_group = gsp_group_;
    duos.distributor = terms.distributor;
    duos.supplier = terms.supplier;
    duos.duos_tariff = terms.duos_tariff;
    duos.direction = direction;
    duos.domestic = terms.domestic;
    add_to(duos.uncorrected_wh, total.volume.energy_wh);
    add_to(duos.actual_wh, total.volume.actual_wh);
    duos.energised_count += total.volume.msid_count;
    if (!terms.energised) duos.de_energised_count += total.meter_count;
  }
  std::vector<DuosVolume> volumes;
  volumes.reserve(by_tariff.size());
  for (const auto& [key, duos] : by_tariff) volumes.push_back(duos);
  return volumes;
}

}  // namespace hhgrid::actors
