#pragma once

#include "actors/meter/arrivals.hpp"
#include "actors/meter/meter_partition.hpp"
#include "actors/meter/missing_meters.hpp"
#include "actors/meter/version_reader.hpp"

namespace hhgrid::actors {

/// The day that the run settles. Throws TurnFailure when the calendar does not cover it.
core::SettlementDay settlement_day(schema::RunMarker::Reader marker);

/// A run's marker: the partition fixes what its meters took on the settlement day as of the
/// cut-off, and what is missing, and answers with its sums (`answer`). `later`: what was received
/// after the cut-off. Throws before it changes anything.
void turn(MeterPartition& partition, storage::PartitionId id, schema::RunMarker::Reader marker,
          const TurnContext& context, const LaterArrivals& later, VersionReader& versions,
          RunRecords& records, schema::RunSums::Builder answer);

}  // namespace hhgrid::actors
