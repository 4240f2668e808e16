#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "core/allocation/settle.hpp"
#include "core/quality.hpp"
#include "core/standing/standing_data.hpp"
#include "core/types.hpp"
#include "core/validation/ecs1012_maximum.hpp"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/error.hpp"

namespace hhgrid::storage {

// What comes in, as values. Each has an encode_ function that builds its Entry message and a
// decode_ function that is the inverse and trusts nothing: lengths, masks, ranges, unknown numbers
// and identifiers are all checked.

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

inline constexpr std::uint64_t all_periods = (std::uint64_t{1} << core::periods_per_utc_day) - 1;

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

struct Registration {
  core::Mpan mpan;
  core::EffectiveRange effective;
  core::Terms terms;
};

struct AnnualConsumption {
  core::Mpan mpan;
  core::SettlementDay effective_from;
  core::WattHours energy_wh = 0;
  char quality = 'A';  ///< DI-150: A 1 2 3 4 5 D.
};
inline constexpr std::string_view annual_consumption_qualities = "A12345D";

struct LineLosses {
  std::uint8_t distributor = 0;
  core::LlfcId llfc;
  core::SettlementDay day;
  core::LineLossDay thousandths{};  ///< By settlement period - 1; 0 = not given.
};

struct GroupTake {
  core::GspGroup gsp_group;
  core::SettlementDay day;
  core::GroupTakeDay take;
};

struct RunDateRow {
  core::SettlementDay day;
  core::SettlementCode code{};
  core::RunDate run_date;
};

struct BankHoliday {
  std::int32_t day_number = 0;
  std::string name;  ///< At most bank_holiday_name_max bytes.
};
inline constexpr std::size_t bank_holiday_name_max = 100;

/// Largest energy of a reading's half hour, 1.07 GWh: no connection carries 2 GW. What is larger is
/// a filler such as 999999999 and would make sums that no run can settle.
inline constexpr int reading_width_max = 30;
inline constexpr core::WattHours reading_energy_max = (core::WattHours{1} << reading_width_max) - 1;
/// Largest magnitude of a GSP Group Take, an annual consumption: 10^15 Wh, far above any real one.
inline constexpr core::WattHours energy_limit = 1'000'000'000'000'000;
inline constexpr std::uint16_t component_class_id_max = 999;  // DI-303
inline constexpr std::int32_t weight_hundredths_max = 9999;   // DI-325: format 2.2
inline constexpr std::string_view amendment_reason_letters = "AEMRSTX";
inline constexpr std::uint8_t estimation_reason_max = 10;

// -- encoding -----------------------------------------------------------------------------------
// The words are valid until the next use of the scratch. Values must be within the limits above
// (asserted where a wrong one could not be read back); `copy_words` keeps them.

/// `present` must not be 0; energy in [0, reading_energy_max].
EntryWords encode_consumption(const ConsumptionDay& day, EntryScratch& scratch);
EntryWords encode_registration(const Registration& registration, EntryScratch& scratch);
EntryWords encode_annual_consumption(const AnnualConsumption& annual, EntryScratch& scratch);
EntryWords encode_consumption_limits(const core::MaximumEnergy& maximum, EntryScratch& scratch);
EntryWords encode_bmu(const core::Bmu& bmu, EntryScratch& scratch);
EntryWords encode_component_class(const core::ComponentClass& component_class,
                                  EntryScratch& scratch);
EntryWords encode_line_losses(const LineLosses& losses, EntryScratch& scratch);
EntryWords encode_default_shape(const core::DefaultShapeRow& row, EntryScratch& scratch);
EntryWords encode_group_take(const GroupTake& take, EntryScratch& scratch);
EntryWords encode_run_date(const RunDateRow& row, EntryScratch& scratch);
EntryWords encode_bank_holiday(const BankHoliday& holiday, EntryScratch& scratch);

// -- decoding -----------------------------------------------------------------------------------
// Errors: Errc::damaged with a sentence that names the field and its value, also when the entry is
// of another kind.

tl::expected<ConsumptionDay, Error> decode_consumption(schema::Entry::Reader entry);
tl::expected<Registration, Error> decode_registration(schema::Entry::Reader entry);
tl::expected<AnnualConsumption, Error> decode_annual_consumption(schema::Entry::Reader entry);
tl::expected<core::Bmu, Error> decode_bmu(schema::Entry::Reader entry);
tl::expected<core::ComponentClass, Error> decode_component_class(schema::Entry::Reader entry);
tl::expected<LineLosses, Error> decode_line_losses(schema::Entry::Reader entry);
tl::expected<core::DefaultShapeRow, Error> decode_default_shape(schema::Entry::Reader entry);
tl::expected<GroupTake, Error> decode_group_take(schema::Entry::Reader entry);
tl::expected<RunDateRow, Error> decode_run_date(schema::Entry::Reader entry);
tl::expected<BankHoliday, Error> decode_bank_holiday(schema::Entry::Reader entry);

/// Terms as they stand in registrations, run sums and term records.
void write_terms(const core::Terms& terms, schema::Terms::Builder out);
tl::expected<core::Terms, Error> read_terms(schema::Terms::Reader terms);

}  // namespace hhgrid::storage
