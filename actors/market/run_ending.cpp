#include "actors/market/run_ending.hpp"

namespace hhgrid::actors {
namespace {

void end_run(MarketState& state, const OpenRun& run, MarketEffects& effects) {
  const RunInfo& info = run.info();
  const std::uint32_t number = info.number;
  state.announce(info, effects);
  if (info.status == RunStatus::HELD) state.held.emplace(number, info);
  state.open.erase(number);  // and the run with it
}

/// Partitions still hold what they found missing, or have defaulted.
void cancel_defaults(const MarketState& state, const OpenRun& run, MarketEffects& effects) {
  for (const storage::PartitionId partition : state.topology.all_meters()) {
    auto shapes = effects.send(partition).initRunShapes();
    shapes.setRunNumber(run.info().number);
    shapes.setCancelled(true);
  }
}

/// The results of a refused run are nobody's any more.
void drop_groups(const MarketState& state, const OpenRun& run, MarketEffects& effects) {
  for (const core::GspGroup gsp_group : run.groups()) {
    auto dropped = effects.send(state.topology.of(gsp_group)).initGroupRunDropped();
    dropped.setRunNumber(run.info().number);
    dropped.setSettlementDay(run.info().day.value);
  }
}

}  // namespace

void finish_run(MarketState& state, OpenRun& run, MarketEffects& effects) {
  run.finish(state.topology, effects);
  if (run.info().status == RunStatus::REFUSED) {
    cancel_defaults(state, run, effects);
    drop_groups(state, run, effects);
  }
  end_run(state, run, effects);
}

void refuse_run(MarketState& state, OpenRun& run, MarketEffects& effects) {
  run.refuse(state.topology, effects);
  cancel_defaults(state, run, effects);
  end_run(state, run, effects);
}

}  // namespace hhgrid::actors
