#pragma once

#include "actors/meter/arrivals.hpp"
#include "actors/meter/judgement_as_of.hpp"
#include "actors/meter/meter_partition.hpp"
#include "actors/meter/version_reader.hpp"

namespace hhgrid::actors {

/// The UTC days that the load shapes of a run of the settlement day, which must be covered, look
/// back on.
ShapeDays shape_days_of(core::SettlementDay day, const core::SettlementCalendar& calendar);

/// What has to be added to the running sums of these days, for this run alone, when something was
/// received after its cut-off: takes away what that changed. On crossed days (LaterArrivals) the
/// sums are made from the versions that were received up to the cut-off, in whatever order the
/// journal has them. Throws StoreFailure.
ShapeSumsByDay run_only_shapes(MeterPartition& partition, core::SettlementDay day,
                               const JudgementAsOf& judgement, const LaterArrivals& later,
                               VersionReader& versions);

}  // namespace hhgrid::actors
