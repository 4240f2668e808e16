#pragma once

#include <set>
#include <string>

#include "core/allocation/settle.hpp"
#include "core/decimal.hpp"

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
  std::string place() const { return group() + " on " + format_day(day.value); }
  std::string group() const { return settlement.gsp_group.to_string(); }
};

}  // namespace hhgrid::core::detail
