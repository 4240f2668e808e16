#include "actors/market/run_defaults.hpp"

#include <fmt/format.h>

#include "actors/gsp/run_results_key.hpp"
#include "actors/market/run_ending.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;

/// State 2 to 3 of a run.
void order_groups(const MarketState& state, const OpenRun& run, MarketEffects& effects) {
  for (const core::GspGroup gsp_group : run.groups())
    run.write_order_for(gsp_group, state.calendar,
                        effects.send(state.topology.of(gsp_group)).initGroupRun());
}

}  // namespace

MarketEffects turn(MarketState& state, schema::RunDefaults::Reader message, EntryBytes bytes) {
  const PartitionDefaults defaults =
      read_partition_defaults(message, state.topology.meter_partitions());
  OpenRun& run = state.open_run(defaults.run);
  if (!run.shaped())
    throw TurnFailure(fmt::format("run {} has not sent its load shapes yet", defaults.run));
  if (run.has_defaults_of(defaults.partition))
    throw TurnFailure(fmt::format("partition {} has sent its defaults of run {} before",
                                  defaults.partition, defaults.run));
  for (const TermsDefaults& sums : defaults.sums)
    require_zero_after("sums.energyWh", sums.energy_wh,
                       state.calendar.period_count(run.info().day));
  MarketEffects effects;
  effects.put(Family::run,
              run_key::input(defaults.run, run_key::defaults_input, defaults.partition), bytes);
  run.take(defaults);
  if (!run.has_all_defaults()) return effects;
  if (run.failed()) {
    refuse_run(state, run, effects);
  } else if (run.groups().empty()) {
    finish_run(state, run, effects);
  } else {
    order_groups(state, run, effects);
  }
  return effects;
}

}  // namespace hhgrid::actors
