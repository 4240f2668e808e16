#include "actors/meter/consumption_limits.hpp"

namespace hhgrid::actors {

bool turn(MeterPartition& partition, schema::ConsumptionLimits::Reader limits,
          const TurnContext& context) {
  return partition.limits.take(read_maximum(limits.getMaximumWh()), context.position);
}

}  // namespace hhgrid::actors
