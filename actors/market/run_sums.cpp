#include "actors/market/run_sums.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actors/gsp/run_results_key.hpp"
#include "actors/gsp/run_results_write.hpp"
#include "actors/market/run_ending.hpp"
#include "core/assertion.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;

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

/// Periods and UTC days must be those of the run's settlement day.
void require_day_of_run(const MarketState& state, const OpenRun& run, const PartitionSums& sums) {
  const core::SettlementDay settlement_day = run.info().day;
  const int period_count = state.calendar.period_count(settlement_day);
  for (const TermsSums& of_terms : sums.terms_sums)
    for (const auto* energy :
         {&of_terms.actual_wh, &of_terms.other_actual_wh, &of_terms.estimated_wh})
      require_zero_after("termsSums", *energy, period_count);
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

/// State 1 to 2 of a run (OpenRun).
void make_run_shapes(MarketState& state, OpenRun& run, MarketEffects& effects) {
  for (const auto& [number, earlier] : state.open)
    HHGRID_ASSERT(number >= run.info().number || earlier.shaped(), number, run.info().number);
  if (run.failed()) {
    // The other partitions have told their changes, and will not again.
    make_shapes(state.shape_totals, {run.shape_deltas(), *run.standing(), run.info().shape},
                effects);
    return refuse_run(state, run, effects);
  }
  auto shapes = make_shapes(state.shape_totals,
                            {run.shape_deltas(), *run.standing(), run.info().shape,
                             run.wanted_shapes(state.calendar), run.take_run_only()},
                            effects);
  write_shapes(run.info().number, shapes, effects);
  run.shapes_made(std::move(shapes));
  for (const storage::PartitionId partition : state.topology.all_meters())
    run.write_shapes_for(partition, effects.send(partition).initRunShapes());
}

}  // namespace

MarketEffects turn(MarketState& state, schema::RunSums::Reader message, EntryBytes bytes) {
  PartitionSums sums = read_partition_sums(message, state.topology.meter_partitions());
  OpenRun& run = state.open_run(sums.run);
  require_in_order(state, run, sums);
  require_day_of_run(state, run, sums);
  require_shape_days(state, run, sums);
  MarketEffects effects;
  effects.put(Family::run, run_key::input(sums.run, run_key::sums_input, sums.input.partition),
              bytes);
  run.take(std::move(sums));
  if (run.has_all_sums()) make_run_shapes(state, run, effects);
  return effects;
}

}  // namespace hhgrid::actors
