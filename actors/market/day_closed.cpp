#include "actors/market/day_closed.hpp"

namespace hhgrid::actors {

MarketEffects turn(MarketState& state, schema::DayClosed::Reader closed,
                   const TurnContext& context) {
  MarketEffects effects;
  DayClosing closing;
  closing.day = {read_day("utcDay", closed.getUtcDay())};
  closing.closing = context.position;
  closing.closed_at = context.received_at;
  closing.policy = read_shape_policy(closed);
  for (const auto& [position, open] : state.closings)
    if (open.closing().day == closing.day) return effects;
  if (state.is_closed(closing.day)) return effects;
  put_closing(closing, effects);
  for (const storage::PartitionId partition : state.topology.all_meters()) {
    auto marker = effects.send(partition).initDayMarker();
    marker.setClosing(context.position.number());
    marker.setUtcDay(closing.day.value);
  }
  state.closings.try_emplace(context.position, closing, state.standing.snapshot(),
                             state.topology.meter_partitions());
  return effects;
}

}  // namespace hhgrid::actors
