#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/types.hpp"
#include "net/simulator/load_curves.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::net {

/// What a simulated population is made of. Everything else follows from it.
struct PopulationOptions {
  std::uint64_t seed = 1;
  std::uint32_t meters = 1000;
  std::string groups = std::string(core::gsp_group_letters);  ///< Letters of its GSP Groups.
  core::UtcDay first_day{20454};                              ///< 2026-01-01.
  std::int32_t days = 1;                                      ///< UTC days of readings.
  std::uint32_t missing_per_mille = 50;  ///< Meter-days that are not there on first delivery.
  std::uint32_t partial_per_mille = 10;  ///< Meter-days that are there in part.
};

/// What one meter is, in numbers.
struct MeterTraits {
  core::Mpan mpan;
  std::uint8_t group = 0;       ///< Index into the population's groups.
  std::uint8_t supplier = 0;    ///< Index into the suppliers; at the beginning.
  std::uint8_t loss_class = 0;  ///< Index into the loss classes.
  bool additional_unit = false;
  bool domestic = false, energised = true, changes_supplier = false;
  core::Direction direction{};
  core::MarketSegment segment{};
  core::ConnectionType connection{};
  CurveKind curve{};
  core::WattHours annual_wh = 0;  ///< What it takes or gives in a mean year.

  core::MeasurementQuantity quantity() const {
    return direction == core::Direction::import_ ? core::MeasurementQuantity::active_import
                                                 : core::MeasurementQuantity::active_export;
  }
};

/// A made-up population of meters of all segments: 85 % smart, 10 % advanced, 5 % unmetered; 8 % of
/// the MPANs are export with the curve of the sun; 0.5 % are de-energised; 1 % change their
/// supplier on the way. A pure function of its options: every value is computed when it is asked
/// for, in any order and on any thread.
class Population {
 public:
  explicit Population(PopulationOptions options);

  const PopulationOptions& options() const { return options_; }
  core::GspGroup group(std::uint8_t index) const { return groups_[index]; }
  std::uint8_t distributor(std::uint8_t group_index) const { return distributors_[group_index]; }

  static constexpr int supplier_count = 8;
  static core::SupplierId supplier(std::uint8_t index);
  /// The default unit of a supplier in a group (`2__CALDR000`), or its additional one (`...001`).
  static core::BmuId bmu(std::uint8_t supplier, core::GspGroup group, bool additional);
  /// Suppliers 0 and 1 have additional units.
  static bool has_additional_unit(std::uint8_t supplier) { return supplier < 2; }

  static constexpr int loss_class_count = 8;
  static core::LlfcId loss_class(std::uint8_t index);

  /// `i` is below the number of meters.
  MeterTraits traits(std::uint32_t i) const;
  /// One period of registration, or two when the supplier changes.
  std::vector<storage::Registration> registrations(std::uint32_t i) const;
  /// Known for 95 % of the meters.
  std::optional<storage::AnnualConsumption> annual_consumption(std::uint32_t i) const;

  /// What the meter really measured: all 48 periods, actual. Zero when it is de-energised. The day
  /// must be one of the population's (asserted).
  storage::ConsumptionDay consumption(std::uint32_t i, core::UtcDay day) const;
  storage::ConsumptionDay consumption(std::uint32_t i, const MeterTraits& traits,
                                      core::UtcDay day) const;
  /// The curve of one of the population's days.
  const Curve& curve(CurveKind kind, core::UtcDay day) const;

 private:
  PopulationOptions options_;
  std::vector<core::GspGroup> groups_;
  std::vector<std::uint8_t> distributors_;
  std::uint64_t number_start_ = 0;  // where the MPANs of a distributor begin
  std::vector<std::array<Curve, curve_kind_count>> curves_;  // by day
};

}  // namespace hhgrid::net
