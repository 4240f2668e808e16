#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/gsp/run_results.hpp"
#include "actors/query/inspection_reading.hpp"

namespace hhgrid::actors::inspection {

// Results of a run by key: run_results.hpp gives them in order, and a national run has ten thousand
// components where one is asked for. All throw ReadFailure.

/// Nothing when the run did not settle the group.
std::optional<FactorRow> factors_of(const View& market, std::uint32_t run, core::GspGroup group);

/// A BM unit's volumes for one supplier in one group; nothing when the run gave it none.
std::optional<core::BmuVolume> volume_of(const View& market, std::uint32_t run,
                                         core::GspGroup group, const core::SupplierId& supplier,
                                         const core::BmuId& bmu);

/// The supplier's units that have volumes in the group.
std::vector<core::BmuId> units_of(const View& market, std::uint32_t run, core::GspGroup group,
                                  const core::SupplierId& supplier);

/// The components of one unit for one supplier in one group, by class.
std::vector<core::Component> components_of(const View& market, std::uint32_t run,
                                           core::GspGroup group, const core::SupplierId& supplier,
                                           const core::BmuId& bmu);

/// Components, energised meters and units of a group.
struct GroupCounts {
  std::size_t components = 0, bmus = 0;
  std::uint64_t msids = 0;  ///< Over the consumption components.
};
GroupCounts counts_of(const View& market, std::uint32_t run, core::GspGroup group);

core::WattHours sum(const core::PeriodEnergy& energy_wh);

}  // namespace hhgrid::actors::inspection
