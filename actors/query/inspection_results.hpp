#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "actors/gsp/run_results.hpp"
#include "actors/query/inspection_reading.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::actors::inspection {

/// The store of a GSP Group's partition; null when it has taken nothing. Throws ReadFailure.
std::unique_ptr<View> group_view(const storage::StoreSet& stores, core::GspGroup group);

// Results of a run by key, from the store of its GSP Group's partition: run_results.hpp gives them
// in order, and a national run has ten thousand components where one is asked for. Whether they may
// be shown the run's record says. All throw ReadFailure.

/// Nothing when the run did not settle the group.
std::optional<FactorRow> factors_of(const View& view, std::uint32_t run, core::GspGroup group);

/// The supplier's units to which the run gave volumes in the group.
std::vector<core::BmuId> units_of(const View& view, const RunInfo& run,
                                  const core::SupplierId& supplier);

/// The components of one unit for one supplier in one group, by class.
std::vector<core::Component> components_of(const View& view, std::uint32_t run,
                                           core::GspGroup group, const core::SupplierId& supplier,
                                           const core::BmuId& bmu);

/// Components, energised meters and units of a group.
struct GroupCounts {
  std::size_t components = 0, bmus = 0;
  std::uint64_t msids = 0;  ///< Over the consumption components.
};
GroupCounts counts_of(const View& view, const RunInfo& run, core::GspGroup group);

core::WattHours sum(const core::PeriodEnergy& energy_wh);

}  // namespace hhgrid::actors::inspection
