#pragma once

#include <vector>

#include <tl/expected.hpp>

#include "actors/gsp/run_results.hpp"
#include "core/types.hpp"

namespace hhgrid::actors {

/// What one run of a settlement day made of a GSP Group.
struct GspGroupRunView {
  RunInfo run;
  FactorRow factors;
  std::size_t component_count = 0;
  std::uint64_t msid_count = 0;  ///< Energised meters, over the consumption components.
  std::vector<core::BmuVolume> bmus;
};

/// The GSP-Group actor's history of one settlement day: every published or held run that settled
/// it, in run order. Errors: damaged, newer_format, io.
tl::expected<std::vector<GspGroupRunView>, storage::Error> gsp_group_view(const View& view,
                                                                          core::GspGroup gsp_group,
                                                                          core::SettlementDay day);

}  // namespace hhgrid::actors
