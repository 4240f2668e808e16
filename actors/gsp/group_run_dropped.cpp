#include "actors/gsp/group_run_dropped.hpp"

#include <algorithm>

#include "actors/gsp/bmu_run_dropped.hpp"
#include "actors/host/message_codec.hpp"

namespace hhgrid::actors {

using storage::Family;

MarketEffects turn(const GspGroupState&, schema::GroupRunDropped::Reader message,
                   const GspGroupPorts& ports) {
  const core::SettlementDay day{read_day("settlementDay", message.getSettlementDay())};
  const std::uint32_t run = message.getRunNumber();
  MarketEffects effects;
  for (auto& key : ports.result_keys(run)) effects.erase(Family::run, std::move(key));
  for (const BmuDay& unit : ports.bmu_days(day)) {
    const bool had = std::any_of(unit.runs.begin(), unit.runs.end(),
                                 [&](const BmuRun& one) { return one.run == run; });
    if (!had) continue;
    const BmuEffects done = turn(unit, BmuRunDropped{run});
    effects.erase(Family::actor, bmu_key::of_run(day, unit.address, run));
    for (const BmuRun& changed : done.changed)
      effects.put(Family::actor, bmu_key::of_run(day, unit.address, changed.run),
                  bmu_record(changed));
  }
  return effects;
}

}  // namespace hhgrid::actors
