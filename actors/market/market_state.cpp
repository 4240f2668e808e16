#include "actors/market/market_state.hpp"

#include <fmt/format.h>

namespace hhgrid::actors {

OpenRun& MarketState::open_run(std::uint32_t number) {
  const auto found = open.find(number);
  if (found == open.end()) throw TurnFailure(fmt::format("run {} is not open", number));
  return found->second;
}

void MarketState::announce(const RunInfo& run, MarketEffects& effects) {
  RunEvent event = event_of(run);
  if (run.request_id != 0) requests[run.request_id] = event;
  effects.events.push_back(std::move(event));
}

}  // namespace hhgrid::actors
