#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "actors/host/message_codec.hpp"
#include "core/allocation/settle.hpp"
#include "core/standing/standing_data.hpp"

namespace hhgrid::actors {

/// A meter partition's partial sum for one set of terms (schema ComponentSums).
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
TermsSums read_terms_sums(schema::ComponentSums::Reader in);
TermsDefaults read_terms_defaults(schema::DefaultSums::Reader in);

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

/// The GSP-Group actor in one run: gathers the partial sums of all meter partitions, then settles.
/// Sums are exact, so the order in which partitions answer changes nothing.
class GspGroupRun {
 public:
  explicit GspGroupRun(core::GspGroup gsp_group) : gsp_group_(gsp_group) {}

  void turn(const TermsSums& sums);
  void turn(const TermsDefaults& defaults);

  /// `arithmetic.md` sections 6 and 7 over active energy; reactive energy has no component classes.
  core::GroupSettlement settle(core::SettlementDay day, int period_count,
                               const core::StandingData& standing,
                               core::CorrectionMethod method) const;
  /// Sorted by distributor, supplier, tariff, direction, domestic.
  std::vector<DuosVolume> duos_volumes() const;

 private:
  struct Gathered {
    core::TermsVolume volume;
    std::uint32_t meter_count = 0;
  };
  Gathered& gathered(const core::Terms& terms, core::MeasurementQuantity quantity);

  core::GspGroup gsp_group_;
  std::map<std::pair<core::Terms, core::MeasurementQuantity>, Gathered> volumes_;
};

}  // namespace hhgrid::actors
