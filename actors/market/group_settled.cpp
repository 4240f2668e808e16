#include "actors/market/group_settled.hpp"

#include <fmt/format.h>

#include "actors/gsp/run_results_key.hpp"
#include "actors/market/run_ending.hpp"

namespace hhgrid::actors {

using storage::Family;

MarketEffects turn(MarketState& state, schema::GroupSettled::Reader message, EntryBytes bytes) {
  const GroupAnswer answer = read_group_answer(message);
  OpenRun& run = state.open_run(answer.run);
  if (!run.awaits(answer.gsp_group))
    throw TurnFailure(fmt::format("run {} does not wait for an answer of GSP Group {}", answer.run,
                                  answer.gsp_group.to_string()));
  MarketEffects effects;
  effects.put(
      Family::run,
      run_key::input(answer.run, run_key::settled_input, state.topology.of(answer.gsp_group)),
      bytes);
  run.take(answer);
  if (run.has_all_answers()) finish_run(state, run, effects);
  return effects;
}

}  // namespace hhgrid::actors
