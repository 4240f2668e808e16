#pragma once

#include "actors/verify/check_partition.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors {

/// Everything that only a GSP Group's partition keeps.
void check_gsp_partition(Check& check, const MetaFacts& meta,
                         const std::optional<ReceivedTimes>& received, Fold::Identity identity,
                         const core::SettlementCalendar& calendar);

}  // namespace hhgrid::actors
