#pragma once

#include <optional>
#include <vector>

#include <tl/expected.hpp>

#include "actors/gsp/run_results.hpp"
#include "core/types.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// What a BM unit was allocated by one run of a settlement day.
struct BmuRunVolume {
  RunInfo run;
  core::GspGroup gsp_group;
  core::BmuVolume volume;
  core::PeriodEnergy allocated_wh{};  ///< Import less export.
  /// Against the run before in which the unit had volumes; zeros in the first.
  core::PeriodEnergy change_wh{};
};

/// The BMU actor's history of one settlement day: every published or held run that gave it volumes,
/// in run order. A unit of several suppliers or GSP Groups has its entries one after the other,
/// each with changes of its own. Errors: damaged, newer_format, io.
tl::expected<std::vector<BmuRunVolume>, storage::Error> bmu_view(const View& view,
                                                                 const core::BmuId& bmu,
                                                                 core::SettlementDay day);

}  // namespace hhgrid::actors
