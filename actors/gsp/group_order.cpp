#include "actors/gsp/group_order.hpp"

#include <map>
#include <set>
#include <utility>

#include "storage/wire/entry_fields.hpp"
#include "storage/wire/entry_view.hpp"

namespace hhgrid::actors {
namespace {

/// The factors of one line loss class, by the day they come from.
void add_line_losses(const core::StandingData& standing, std::uint8_t distributor,
                     const core::LlfcId& llfc, core::SettlementDay day, int period_count,
                     std::vector<StandingRow>& rows) {
  const auto factors = standing.line_losses(distributor, llfc, day, period_count);
  std::map<core::SettlementDay, core::LineLossDay> days;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (factors[i].defaulted && !factors[i].earlier_day) continue;  // 1.000 for want of one
    days[factors[i].earlier_day.value_or(day)][i] = factors[i].thousandths;
  }
  for (const auto& [of_day, thousandths] : days)
    rows.emplace_back(storage::LineLosses{distributor, llfc, of_day, thousandths});
}

StandingRow read_row(capnp::Data::Reader bytes, core::GspGroup gsp_group) {
  const storage::AlignedWords words(bytes);
  storage::EntryView view(words.words());
  const auto entry = view.entry();
  if (!entry) throw TurnFailure(entry.error().text);
  StandingRow row = read_standing(*entry);
  const auto* bmu = std::get_if<core::Bmu>(&row);
  if (bmu != nullptr && bmu->gsp_group != gsp_group)
    refuse_field("standing.bmu", bmu->id.view(), "is a BM unit of another GSP Group");
  if (bmu == nullptr && !std::holds_alternative<core::ComponentClass>(row) &&
      !std::holds_alternative<storage::LineLosses>(row))
    refuse_field("standing", standing_address(row), "is not what settling a group asks for");
  return row;
}

void write_volume(const GroupVolume& volume, schema::GroupVolume::Builder out) {
  storage::write_terms(volume.volume.terms, out.initTerms());
  out.setQuantity(storage::number(volume.volume.quantity));
  out.setMsidCount(volume.volume.msid_count);
  out.setMeterCount(volume.meter_count);
  write_trimmed(volume.volume.energy_wh, [&](unsigned n) { return out.initEnergyWh(n); });
  write_trimmed(volume.volume.actual_wh, [&](unsigned n) { return out.initActualWh(n); });
  write_trimmed(volume.volume.defaulted_wh, [&](unsigned n) { return out.initDefaultedWh(n); });
}

GroupVolume read_volume(schema::GroupVolume::Reader in, core::GspGroup gsp_group) {
  GroupVolume volume;
  volume.volume.terms = read_terms(in.getTerms());
  if (volume.volume.terms.gsp_group != gsp_group)
    refuse_field("volumes.terms.gspGroup", volume.volume.terms.gsp_group.to_string(),
                 "is another GSP Group");
  volume.volume.quantity = read_enumeration<core::MeasurementQuantity>(
      "volumes.quantity", in.getQuantity(), storage::quantity_count);
  volume.volume.msid_count = in.getMsidCount();
  volume.meter_count = in.getMeterCount();
  // Sums of what single messages were checked for may be larger than one of these.
  volume.volume.energy_wh = read_stored_energy("volumes.energyWh", in.getEnergyWh());
  volume.volume.actual_wh = read_stored_energy("volumes.actualWh", in.getActualWh());
  volume.volume.defaulted_wh = read_stored_energy("volumes.defaultedWh", in.getDefaultedWh());
  return volume;
}

}  // namespace

std::vector<StandingRow> standing_of_group(const core::StandingData& standing,
                                           core::GspGroup gsp_group, core::SettlementDay day,
                                           int period_count,
                                           const std::vector<GroupVolume>& volumes) {
  std::vector<StandingRow> rows;
  for (const core::Bmu& bmu : standing.bmus_of(gsp_group))
    if (bmu.effective.contains(day)) rows.emplace_back(bmu);
  for (const core::ComponentClass& component_class : standing.component_classes())
    if (component_class.effective.contains(day)) rows.emplace_back(component_class);
  std::set<std::pair<std::uint8_t, core::LlfcId>> loss_classes;
  for (const GroupVolume& one : volumes)
    loss_classes.emplace(one.volume.terms.distributor, one.volume.terms.llfc);
  for (const auto& [distributor, llfc] : loss_classes)
    add_line_losses(standing, distributor, llfc, day, period_count, rows);
  return rows;
}

core::StandingData standing_data_of(const std::vector<StandingRow>& rows) {
  core::StandingData data;
  for (const StandingRow& row : rows) put(data, row);
  return data;
}

void write_group_order(const GroupOrder& order, schema::GroupRun::Builder out) {
  out.setRunNumber(order.run);
  out.setGspGroup(order.gsp_group.to_string());
  out.setSettlementDay(order.day.value);
  out.setCorrectionMethod(storage::number(order.method));
  storage::EntryScratch scratch;
  auto rows = out.initStanding(static_cast<unsigned>(order.standing.size()));
  for (unsigned i = 0; i < rows.size(); ++i)
    rows.set(i, encode_standing(order.standing[i], scratch).asBytes());
  auto volumes = out.initVolumes(static_cast<unsigned>(order.volumes.size()));
  for (unsigned i = 0; i < volumes.size(); ++i) write_volume(order.volumes[i], volumes[i]);
}

GroupOrder read_group_order(schema::GroupRun::Reader in) {
  GroupOrder order;
  order.run = in.getRunNumber();
  const auto gsp_group = core::GspGroup::parse(std::string_view(in.getGspGroup().cStr()));
  if (!gsp_group) refuse_field("gspGroup", in.getGspGroup().cStr(), "is no GSP Group");
  order.gsp_group = *gsp_group;
  order.day = {read_day("settlementDay", in.getSettlementDay())};
  order.method =
      read_enumeration<core::CorrectionMethod>("correctionMethod", in.getCorrectionMethod(), 2);
  for (const auto row : in.getStanding()) order.standing.push_back(read_row(row, order.gsp_group));
  for (const auto volume : in.getVolumes())
    order.volumes.push_back(read_volume(volume, order.gsp_group));
  return order;
}

}  // namespace hhgrid::actors
