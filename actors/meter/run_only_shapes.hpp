#pragma once

#include "actors/meter/arrivals.hpp"
#include "actors/meter/judgement_as_of.hpp"
#include "actors/meter/meter_partition.hpp"
#include "actors/meter/version_reader.hpp"

namespace hhgrid::actors {

/// For a cut-off before the newest version of a day that the run's load shapes look back on: what
/// has to be added to the running sums of that day, for this run alone. Takes away what was
/// received later; a day of which that is much is made anew. Throws StoreFailure.
ShapeSumsByDay run_only_shapes(MeterPartition& partition, core::SettlementDay day,
                               const JudgementAsOf& judgement, const LaterArrivals& later,
                               VersionReader& versions);

}  // namespace hhgrid::actors
