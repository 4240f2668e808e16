#include "actors/market/run_request.hpp"

#include <fmt/format.h>

#include "actors/gsp/run_results_write.hpp"

namespace hhgrid::actors {
namespace {

void send_markers(const MarketState& state, const RunInfo& run, MarketEffects& effects) {
  for (const storage::PartitionId partition : state.topology.all_meters()) {
    auto marker = effects.send(partition).initRunMarker();
    marker.setRunNumber(run.number);
    marker.setSettlementDay(run.day.value);
    marker.setCode(static_cast<std::uint8_t>(run.code));
    marker.setCutoff(run.cutoff.milliseconds);
  }
}

}  // namespace

MarketEffects turn(MarketState& state, schema::RunRequest::Reader request,
                   const TurnContext& context) {
  MarketEffects effects;
  const std::uint64_t request_id = request.getRequestId();
  if (const auto known = state.requests.find(request_id); known != state.requests.end()) {
    effects.events.push_back(known->second);
    return effects;
  }
  if (const auto known = state.ports.run_of_request(request_id)) {
    effects.events.push_back(event_of(*known));
    return effects;
  }
  RunInfo run;
  run.day = {request.getSettlementDay()};
  run.code = read_settlement_code(request.getCode());
  run.cutoff = {request.getCutoff()};
  run.requested_at = context.received_at;
  run.request_id = request_id;
  run.standing_position = context.position;
  const RunPolicy policy = read_policy(request);
  run.method = policy.method;
  run.shape = policy.shape;
  run.number = ++state.run_count;
  run.status = RunStatus::COLLECTING;
  if (!core::SettlementCalendar::covers(run.day.value)) {
    run.status = RunStatus::REFUSED;
    run.reason = fmt::format("day number {} is not a day that the settlement calendar covers",
                             run.day.value);
  }
  write_run(run, effects);
  state.announce(run, effects);
  if (run.status == RunStatus::REFUSED) return effects;
  send_markers(state, run, effects);
  state.open.try_emplace(run.number, run, state.standing.snapshot(),
                         state.topology.meter_partitions());
  return effects;
}

}  // namespace hhgrid::actors
