#include "actors/market/run_release.hpp"

#include <fmt/format.h>

#include "actors/gsp/run_results_write.hpp"

namespace hhgrid::actors {

MarketEffects turn(MarketState& state, schema::RunRelease::Reader release) {
  MarketEffects effects;
  const std::uint32_t number = release.getRunNumber();
  const auto found = state.held.find(number);
  if (found == state.held.end()) {
    // Of two operators the second is told the same.
    const auto in_block = state.released.find(number);
    const auto released = in_block == state.released.end() ? state.ports.run(number)
                                                           : std::optional(in_block->second);
    if (!released || !was_released(*released))
      throw TurnFailure(fmt::format("run {} is not held", number));
    effects.events.push_back(event_of(*released));
    return effects;
  }
  RunInfo run = found->second;
  run.status = RunStatus::PUBLISHED;
  write_run(run, effects);
  state.announce(run, effects);
  state.held.erase(found);
  state.released.emplace(number, run);
  return effects;
}

}  // namespace hhgrid::actors
