#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "actors/host/message_codec.hpp"
#include "core/allocation/settle.hpp"

namespace hhgrid::actors {

/// A meter partition's partial sum for one set of terms (schema TermsSums).
struct TermsSums {
  core::Terms terms;
  core::MeasurementQuantity quantity{};
  std::uint32_t msid_count = 0;   ///< Energised meters.
  std::uint32_t meter_count = 0;  ///< De-energised ones too.
  core::PeriodEnergy actual_wh{}, other_actual_wh{}, estimated_wh{};
};

/// What a meter partition's run defaulted for one set of terms (schema DefaultSums).
struct TermsDefaults {
  core::Terms terms;
  core::MeasurementQuantity quantity{};
  core::PeriodEnergy energy_wh{};
};

/// Throw TurnFailure when a field does not hold.
TermsSums read_terms_sums(schema::TermsSums::Reader in);
TermsDefaults read_terms_defaults(schema::DefaultSums::Reader in);

/// What all meters of one set of terms took on the settlement day.
struct GroupVolume {
  core::TermsVolume volume;
  std::uint32_t meter_count = 0;  ///< De-energised ones too.
};

/// Adds up what the meter partitions sent about one GSP Group in one run. Sums are exact, so the
/// order in which partitions answer changes nothing.
class GroupVolumes {
 public:
  void add(const TermsSums& sums);
  void add(const TermsDefaults& defaults);
  /// Of active energy, by terms and quantity: reactive energy is not settled.
  std::vector<GroupVolume> active() const;

 private:
  GroupVolume& of(const core::Terms& terms, core::MeasurementQuantity quantity);

  std::map<std::pair<core::Terms, core::MeasurementQuantity>, GroupVolume> volumes_;
};

/// `arithmetic.md` sections 6 and 7 for one GSP Group; `volumes` are all of active energy.
core::GroupSettlement settle(core::GspGroup gsp_group, core::SettlementDay day, int period_count,
                             const std::vector<GroupVolume>& volumes,
                             const core::StandingData& standing, core::CorrectionMethod method);

/// DUoS volumes (REP-002): without losses and correction, by distributor, supplier, tariff, energy
/// direction and domestic flag.
struct DuosVolume {
  core::GspGroup gsp_group;
  std::uint8_t distributor = 0;
  core::SupplierId supplier;
  core::DuosTariffId duos_tariff;
  core::Direction direction{};
  bool domestic = false;
  core::PeriodEnergy uncorrected_wh{}, actual_wh{};
  std::uint32_t energised_count = 0, de_energised_count = 0;
};
/// Sorted by distributor, supplier, tariff, direction, domestic.
std::vector<DuosVolume> duos_volumes(core::GspGroup gsp_group,
                                     const std::vector<GroupVolume>& volumes);

}  // namespace hhgrid::actors
