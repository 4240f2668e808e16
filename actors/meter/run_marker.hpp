#pragma once

#include "actors/meter/arrivals.hpp"
#include "actors/meter/meter_partition.hpp"
#include "actors/meter/missing_meters.hpp"
#include "actors/meter/version_reader.hpp"

namespace hhgrid::actors {

/// The day that the run settles. Throws TurnFailure when the calendar does not cover it.
core::SettlementDay settlement_day(schema::RunMarker::Reader marker);

/// What a run's marker needs beside the partition's state.
struct RunMarkerPorts {
  storage::PartitionId id = 0;
  const LaterArrivals& later;  ///< What was received after the cut-off.
  VersionReader& versions;
};

/// A run's marker: the partition fixes what its meters took on the settlement day as of the
/// cut-off, and what is missing, and answers with its sums (`answer`). Throws before it changes
/// anything.
void turn(MeterPartition& partition, schema::RunMarker::Reader marker, const TurnContext& context,
          RunMarkerPorts ports, RunRecords& records, schema::RunSums::Builder answer);

}  // namespace hhgrid::actors
