#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <tl/expected.hpp>

#include "core/meter_day.hpp"
#include "core/quality.hpp"
#include "core/types.hpp"
#include "core/validation/ecs1012_maximum.hpp"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/error.hpp"

namespace hhgrid::storage {

/// What differs by period in a meter-day; indexed by UTC period - 1, meaningful where the period is
/// present.
struct PeriodDetail {
  std::array<core::Quality, core::periods_per_utc_day> qualities{};
  std::array<std::uint8_t, core::periods_per_utc_day>
      estimation_reasons{};  ///< DI-076: 1..10, 0 = none.
  std::array<char, core::periods_per_utc_day>
      amendment_reasons{};  ///< DI-166: A E M R S T X, 0 = none.
  friend bool operator==(const PeriodDetail&, const PeriodDetail&) = default;
};

/// IF-021: the half hours of one meter, one quantity, one UTC day; some or all periods.
struct ConsumptionDay {
  explicit ConsumptionDay(core::Mpan meter) : mpan(meter) {}

  core::Mpan mpan;
  core::MeasurementQuantity quantity{};
  core::UtcDay day;
  std::uint64_t present = 0;  ///< Bit p-1: UTC period p is carried.
  std::array<core::WattHours, core::periods_per_utc_day>
      energy_wh{};                     ///< By period - 1; 0 where absent.
  core::Quality quality{};             ///< Of every period, unless there is a detail.
  std::optional<PeriodDetail> detail;  ///< When present, its qualities count.

  bool has(int period) const { return present >> (period - 1) & 1; }
  core::Quality quality_of(int period) const {
    return detail ? detail->qualities[period - 1] : quality;
  }
};

/// Largest energy of a reading's half hour, 1.07 GWh: no connection carries 2 GW. What is larger is
/// a filler such as 999999999 and would make sums that no run can settle.
inline constexpr int reading_width_max = 30;
inline constexpr core::WattHours reading_energy_max = (core::WattHours{1} << reading_width_max) - 1;
inline constexpr std::string_view amendment_reason_letters = "AEMRSTX";
inline constexpr std::uint8_t estimation_reason_max = 10;

/// `present` must not be 0; energy in [0, reading_energy_max].
EntryWords encode_consumption(const ConsumptionDay& day, EntryScratch& scratch);
EntryWords encode_consumption_limits(const core::MaximumEnergy& maximum, EntryScratch& scratch);
tl::expected<ConsumptionDay, Error> decode_consumption(schema::Entry::Reader entry);

}  // namespace hhgrid::storage
