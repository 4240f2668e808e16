#include <fmt/format.h>

#include <algorithm>

#include "actors/gsp/run_results_key.hpp"
#include "actors/gsp/run_results_write.hpp"
#include "actors/market/market_state.hpp"
#include "core/assertion.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;

std::string stored(EntryBytes bytes) {
  const auto raw = bytes.asBytes();
  return std::string(reinterpret_cast<const char*>(raw.begin()), raw.size());
}

OpenRun& open_run(MarketState& state, std::uint32_t number) {
  const auto found = state.open.find(number);
  if (found == state.open.end()) throw TurnFailure(fmt::format("run {} is not open", number));
  return found->second;
}

void announce(MarketState& state, const RunInfo& run, MarketEffects& effects) {
  RunEvent event = event_of(run);
  if (run.request_id != 0) state.requests[run.request_id] = event;
  effects.events.push_back(std::move(event));
}

void send_markers(const MarketState& state, const RunInfo& run, MarketEffects& effects) {
  for (const storage::PartitionId partition : state.topology.all_meters()) {
    auto marker = effects.send(partition).initRunMarker();
    marker.setRunNumber(run.number);
    marker.setSettlementDay(run.day.value);
    marker.setCode(static_cast<std::uint8_t>(run.code));
    marker.setCutoff(run.cutoff.milliseconds);
  }
}

/// A partition takes markers in the order of the runs, so a gap here means that a message is
/// missing.
void require_in_order(MarketState& state, const OpenRun& run, const PartitionSums& sums) {
  const storage::PartitionId partition = sums.input.partition;
  if (run.has_sums_of(partition))
    throw TurnFailure(fmt::format("partition {} has answered run {} before", partition, sums.run));
  for (const auto& [number, earlier] : state.open) {
    if (number >= sums.run) break;
    if (!earlier.has_sums_of(partition))
      throw TurnFailure(
          fmt::format("partition {} answers run {} before run {}", partition, sums.run, number));
  }
}

void require_zero_after(std::string_view field, const core::PeriodEnergy& energy,
                        int period_count) {
  for (auto i = static_cast<std::size_t>(period_count); i < energy.size(); ++i)
    if (energy[i] != 0)
      refuse_field(field, std::to_string(energy[i]),
                   fmt::format("stands after the settlement day's {} periods", period_count));
}

/// Periods and UTC days must be those of the run's settlement day.
void require_day_of_run(const MarketState& state, const OpenRun& run, const PartitionSums& sums) {
  const core::SettlementDay settlement_day = run.info().day;
  const int period_count = state.calendar.period_count(settlement_day);
  for (const TermsSums& component : sums.components)
    for (const auto* energy :
         {&component.actual_wh, &component.other_actual_wh, &component.estimated_wh})
      require_zero_after("components", *energy, period_count);
  const auto spans = state.calendar.spans_of(settlement_day);
  for (const auto& [day, group] : sums.missing)
    if (std::none_of(spans.begin(), spans.end(),
                     [&, day = day](const auto& span) { return span.day == day; }))
      refuse_field("missing.utcDay", std::to_string(day.value),
                   "is no UTC day of the run's settlement day");
}

/// The days that the sums change and those that the run's shapes reach back to must be readable
/// before anything changes.
void require_shape_days(MarketState& state, const OpenRun& run, const PartitionSums& sums) {
  for (const auto* deltas : {&sums.shape_deltas, &sums.run_only_deltas})
    for (const GroupDaySums& delta : *deltas) state.shape_totals.require(delta.day, delta.day);
  for (const auto& span : state.calendar.spans_of(run.info().day))
    state.shape_totals.require(span.day - shape_days_back(run.info().shape), span.day);
}

void end_run(MarketState& state, const OpenRun& run, MarketEffects& effects) {
  const RunInfo& info = run.info();
  const std::uint32_t number = info.number;
  announce(state, info, effects);
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

/// State 2 to 3 of a run.
void order_groups(const MarketState& state, const OpenRun& run, MarketEffects& effects) {
  for (const core::GspGroup gsp_group : run.groups())
    run.write_order_for(gsp_group, state.calendar,
                        effects.send(state.topology.of(gsp_group)).initGroupRun());
}

/// State 3 to 4 of a run.
void finish_run(MarketState& state, OpenRun& run, MarketEffects& effects) {
  run.finish(state.topology, effects);
  if (run.info().status == RunStatus::REFUSED) {
    cancel_defaults(state, run, effects);
    drop_groups(state, run, effects);
  }
  end_run(state, run, effects);
}

/// State 1 to 2 of a run (OpenRun).
void make_run_shapes(MarketState& state, OpenRun& run, MarketEffects& effects) {
  for (const auto& [number, earlier] : state.open)
    HHGRID_ASSERT(number >= run.info().number || earlier.shaped(), number, run.info().number);
  if (run.failed()) {
    // The other partitions have told their changes, and will not again.
    make_shapes(state.shape_totals, run.shape_deltas(), {}, {}, *run.standing(), run.info().shape,
                effects);
    run.refuse(state.topology, effects);
    cancel_defaults(state, run, effects);
    return end_run(state, run, effects);
  }
  auto shapes =
      make_shapes(state.shape_totals, run.shape_deltas(), run.run_only(),
                  run.wanted_shapes(state.calendar), *run.standing(), run.info().shape, effects);
  write_shapes(run.info().number, shapes, effects);
  run.shapes_made(std::move(shapes));
  for (const storage::PartitionId partition : state.topology.all_meters())
    run.write_shapes_for(partition, effects.send(partition).initRunShapes());
}

}  // namespace

RunEvent event_of(const RunInfo& run) {
  return {run.number, run.request_id, run.day, run.code, run.status, run.reason};
}

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
  announce(state, run, effects);
  if (run.status == RunStatus::REFUSED) return effects;
  send_markers(state, run, effects);
  state.open.try_emplace(run.number, run, state.standing.snapshot(),
                         state.topology.meter_partitions());
  return effects;
}

MarketEffects turn(MarketState& state, schema::RunSums::Reader message, EntryBytes bytes) {
  PartitionSums sums = read_partition_sums(message, state.topology.meter_partitions());
  OpenRun& run = open_run(state, sums.run);
  require_in_order(state, run, sums);
  require_day_of_run(state, run, sums);
  require_shape_days(state, run, sums);
  MarketEffects effects;
  effects.put(Family::run, run_key::input(sums.run, run_key::sums_input, sums.input.partition),
              stored(bytes));
  run.take(std::move(sums));
  if (run.has_all_sums()) make_run_shapes(state, run, effects);
  return effects;
}

MarketEffects turn(MarketState& state, schema::RunDefaults::Reader message, EntryBytes bytes) {
  const PartitionDefaults defaults =
      read_partition_defaults(message, state.topology.meter_partitions());
  OpenRun& run = open_run(state, defaults.run);
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
              run_key::input(defaults.run, run_key::defaults_input, defaults.partition),
              stored(bytes));
  run.take(defaults);
  if (!run.has_all_defaults()) return effects;
  if (run.failed()) {
    run.refuse(state.topology, effects);
    cancel_defaults(state, run, effects);
    end_run(state, run, effects);
  } else if (run.groups().empty()) {
    finish_run(state, run, effects);
  } else {
    order_groups(state, run, effects);
  }
  return effects;
}

MarketEffects turn(MarketState& state, schema::GroupSettled::Reader message, EntryBytes bytes) {
  const GroupAnswer answer = read_group_answer(message);
  OpenRun& run = open_run(state, answer.run);
  if (!run.awaits(answer.gsp_group))
    throw TurnFailure(fmt::format("run {} does not wait for an answer of GSP Group {}", answer.run,
                                  answer.gsp_group.to_string()));
  MarketEffects effects;
  effects.put(
      Family::run,
      run_key::input(answer.run, run_key::settled_input, state.topology.of(answer.gsp_group)),
      stored(bytes));
  run.take(answer);
  if (run.has_all_answers()) finish_run(state, run, effects);
  return effects;
}

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
  announce(state, run, effects);
  state.held.erase(found);
  state.released.emplace(number, run);
  return effects;
}

}  // namespace hhgrid::actors
