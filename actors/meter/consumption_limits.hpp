#pragma once

#include "actors/meter/meter_partition.hpp"

namespace hhgrid::actors {

/// The limits of ECS1012 from here on, as the settings say them: the partition judges by what it
/// has been told, never by a setting. False when they are in force already. Throws TurnFailure.
bool turn(MeterPartition& partition, schema::ConsumptionLimits::Reader limits,
          const TurnContext& context);

}  // namespace hhgrid::actors
