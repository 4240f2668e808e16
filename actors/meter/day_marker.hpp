#pragma once

#include "actors/meter/meter_partition.hpp"

namespace hhgrid::actors {

/// A UTC day is closed: the partition answers with what has changed of the load shapes' sums since
/// it was last asked (`answer`). Throws before it changes anything.
void turn(MeterPartition& partition, storage::PartitionId id, schema::DayMarker::Reader marker,
          schema::DaySums::Builder answer);

}  // namespace hhgrid::actors
