#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/calendar.hpp"
#include "core/standing/standing_data.hpp"
#include "core/standing/terms.hpp"
#include "core/types.hpp"

namespace hhgrid::core {

using PeriodEnergy = std::array<WattHours, settlement_periods_max>;

/// What the meters of one set of terms took on the settlement day: the input of a settlement.
struct TermsVolume {
  Terms terms;
  MeasurementQuantity quantity{};
  std::uint32_t msid_count = 0;  ///< Energised meters whose direction is the quantity's.
  PeriodEnergy energy_wh{};      ///< All of it, defaults included.
  PeriodEnergy actual_wh{};      ///< Of quality exactly A.
  PeriodEnergy defaulted_wh{};   ///< Made by the run.
};

enum class CorrectionMethod : std::uint8_t { import_export, legacy };

/// What a run has to tell somebody; `period` 0 is the whole day.
struct Exception {
  std::string kind, subject;
  int period = 0;
  std::string text;
  friend auto operator<=>(const Exception&, const Exception&) = default;
};

/// One consumption component: (BMU, class) with its volumes per settlement period.
struct Component {
  SupplierId supplier;
  BmuId bmu;
  std::uint16_t ccc_id = 0;
  MeasurementQuantity quantity{};
  Indicator indicator{};
  std::int32_t weight_hundredths = 0;
  std::uint32_t msid_count = 0;
  PeriodEnergy uncorrected_wh{}, corrected_wh{}, actual_wh{}, defaulted_wh{};
  friend bool operator==(const Component&, const Component&) = default;
};

struct BmuVolume {
  SupplierId supplier;
  BmuId bmu;
  PeriodEnergy import_wh{}, export_wh{};
  friend bool operator==(const BmuVolume&, const BmuVolume&) = default;
};

/// The settled GSP Group: components sorted by (supplier, BMU, class), BMUs by (supplier, BMU).
struct GroupSettlement {
  GspGroup gsp_group;
  int period_count = 0;
  std::vector<Component> components;
  std::vector<BmuVolume> bmus;
  PeriodEnergy group_take_wh{}, uncorrected_wh{}, gcf_import{}, gcf_export{}, residual_wh{};
  std::vector<Exception> exceptions;  ///< Sorted, without repeats.
  /// Why an operator must release the run: a factor is below 0, or does not fit its field or makes
  /// volumes that do not, so that both are 1 in that period.
  std::optional<std::string> held;
  /// Why the group cannot be settled: take, class or default unit missing. Then there are no
  /// components, BMUs and factors.
  std::optional<std::string> refused;
  friend bool operator==(const GroupSettlement&, const GroupSettlement&) = default;
};

/// `arithmetic.md` sections 6 and 7 for one GSP Group and settlement day. `volumes` are all of that
/// group, in any order. Pure: the same inputs give the same bits.
GroupSettlement settle_group(GspGroup group, SettlementDay day, int period_count,
                             const std::vector<TermsVolume>& volumes, const StandingData& standing,
                             CorrectionMethod method);

}  // namespace hhgrid::core
