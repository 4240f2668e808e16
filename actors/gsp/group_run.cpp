#include "actors/gsp/group_run.hpp"

#include <fmt/format.h>

#include "actors/gsp/bmu_volumes.hpp"
#include "actors/gsp/group_order.hpp"
#include "actors/gsp/results_digest.hpp"
#include "actors/gsp/run_results.hpp"
#include "actors/gsp/run_results_key.hpp"
#include "actors/gsp/run_results_write.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;

void require_zero_after(const GroupVolume& volume, int period_count) {
  const core::TermsVolume& energy = volume.volume;
  for (auto i = static_cast<std::size_t>(period_count); i < energy.energy_wh.size(); ++i)
    if (energy.energy_wh[i] != 0)
      refuse_field("volumes.energyWh", std::to_string(energy.energy_wh[i]),
                   fmt::format("stands after the settlement day's {} periods", period_count));
}

/// What each unit is told: its import and export, and its components by class.
std::map<BmuAddress, BmuVolumes> volumes_of_units(std::uint32_t run,
                                                  const core::GroupSettlement& settlement) {
  std::map<BmuAddress, BmuVolumes> units;
  for (const core::BmuVolume& bmu : settlement.bmus)
    units[{bmu.supplier, bmu.bmu}] = {run, bmu.import_wh, bmu.export_wh, {}};
  for (const core::Component& component : settlement.components) {
    auto& classes = units[{component.supplier, component.bmu}].classes;
    const auto same = std::find_if(classes.begin(), classes.end(), [&](const BmuClassVolume& c) {
      return c.ccc_id == component.ccc_id && c.quantity == component.quantity &&
             c.indicator == component.indicator;
    });
    if (same == classes.end()) {
      classes.push_back({component.ccc_id,
                         component.quantity,
                         component.indicator,
                         component.corrected_wh,
                         {},
                         false});
    } else {  // standing data may give one id to classes of unlike weight
      for (std::size_t i = 0; i < same->allocated_wh.size(); ++i)
        same->allocated_wh[i] += component.corrected_wh[i];
    }
  }
  return units;
}

void tell_units(const GroupOrder& order, const core::GroupSettlement& settlement,
                const GspGroupPorts& ports, MarketEffects& effects) {
  for (const auto& [address, volumes] : volumes_of_units(order.run, settlement))
    for (const BmuRun& run : turn(ports.bmu_day(address, order.day), volumes).changed)
      effects.put(Family::actor, bmu_key::of_run(order.day, address, run.run), bmu_record(run));
}

void answer(const GspGroupState& state, const core::GroupSettlement& settlement, std::uint32_t run,
            std::uint64_t digest, MarketEffects& effects) {
  auto out = effects.send(state.topology.market()).initGroupSettled();
  out.setRunNumber(run);
  out.setGspGroup(state.gsp_group.to_string());
  out.setDigest(digest);
  out.setHeld(settlement.held.value_or(""));
  out.setRefused(settlement.refused.value_or(""));
  auto exceptions = out.initExceptions(static_cast<unsigned>(settlement.exceptions.size()));
  for (unsigned i = 0; i < exceptions.size(); ++i)
    write_exception(settlement.exceptions[i], exceptions[i]);
}

}  // namespace

MarketEffects turn(const GspGroupState& state, schema::GroupRun::Reader message, EntryBytes bytes,
                   const TurnContext& context, const GspGroupPorts& ports) {
  const GroupOrder order = read_group_order(message);
  if (order.gsp_group != state.gsp_group)
    refuse_field("gspGroup", order.gsp_group.to_string(), "is not the group of this partition");
  const int period_count = state.calendar.period_count(order.day);
  for (const GroupVolume& volume : order.volumes) require_zero_after(volume, period_count);
  core::StandingData standing = standing_data_of(order.standing);
  if (const auto* take = state.takes.snapshot()->group_take(order.gsp_group, order.day))
    standing.put_group_take(order.gsp_group, order.day, *take);
  const core::GroupSettlement settlement =
      settle(order.gsp_group, order.day, period_count, order.volumes, standing, order.method);
  MarketEffects effects;
  const std::uint64_t digest = settlement.refused ? 0 : group_digest(settlement);
  if (!settlement.refused) {
    write_settlement(order.run, settlement, effects);
    write_duos(order.run, duos_volumes(order.gsp_group, order.volumes), effects);
    write_group_run({order.run, context.position, digest}, bytes, effects);
    tell_units(order, settlement, ports, effects);
  }
  answer(state, settlement, order.run, digest, effects);
  return effects;
}

MarketEffects refuse_run(const GspGroupState& state, std::uint32_t run, const std::string& reason) {
  core::GroupSettlement refused;
  refused.refused =
      fmt::format("GSP Group {} cannot take part: {}", state.gsp_group.to_string(), reason);
  MarketEffects effects;
  answer(state, refused, run, 0, effects);
  return effects;
}

}  // namespace hhgrid::actors
