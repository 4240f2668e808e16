#pragma once

#include "actors/verify/check_meters.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors {

/// UTC day by UTC day: versions, and what the ledger, the presence maps and the market should know
/// of them.
void check_days(Check& check, const MetaFacts& meta, const std::optional<ReceivedTimes>& received,
                CheckedMeters& meters, const core::SettlementCalendar& calendar);

}  // namespace hhgrid::actors
