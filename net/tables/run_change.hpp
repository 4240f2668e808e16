#pragma once

#include <cstdint>
#include <vector>

#include "actors/gsp/run_results.hpp"
#include "core/calendar.hpp"

namespace hhgrid::net {

/// What one meter took (or gave) on a settlement day in a run: what counted at its cut-off, and
/// what it defaulted.
struct MeterVolume {
  core::WattHours energy_wh = 0;
  int defaulted_periods = 0;
};

/// A meter whose volume differs between two runs of a settlement day.
struct MeterChange {
  core::Mpan mpan;
  core::MeasurementQuantity quantity{};
  MeterVolume before, after;
  core::WattHours change_wh() const { return after.energy_wh - before.energy_wh; }
};

/// How two runs of the same settlement day differ, meter by meter: greatest changes first, meters
/// with equal changes by number. Reads the stored versions and defaults of that day only.
tl::expected<std::vector<MeterChange>, storage::Error> changes_between(
    const storage::StoreSet& grid_stores, const core::SettlementCalendar& calendar,
    const actors::RunInfo& before, const actors::RunInfo& after);

}  // namespace hhgrid::net
