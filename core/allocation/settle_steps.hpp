#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/allocation/settle.hpp"

namespace hhgrid::core::detail {

/// What the steps of settle_group work on. Sets keep exceptions and reasons sorted, so that neither
/// depends on the order of the volumes.
struct SettleContext {
  SettlementDay day;
  const StandingData& standing;
  GroupSettlement& settlement;
  std::set<Exception> exceptions{};
  std::set<std::string> refusals{};

  /// "_C on 2013-03-31", for texts.
  std::string place() const;
  std::string group() const { return settlement.gsp_group.to_string(); }
};

/// `arithmetic.md` 6: fills `settlement.components`, uncorrected and sorted by (supplier, BMU,
/// class).
void build_components(SettleContext& context, const std::vector<TermsVolume>& volumes);

/// `arithmetic.md` 7: factors, corrected components and residual from components and Group Take.
void correct_components(SettleContext& context, CorrectionMethod method);

}  // namespace hhgrid::core::detail
