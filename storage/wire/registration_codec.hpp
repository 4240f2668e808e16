#pragma once

#include <limits>
#include <string_view>

#include <tl/expected.hpp>

#include "core/standing/standing_data.hpp"
#include "core/standing/terms.hpp"
#include "core/types.hpp"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/error.hpp"
#include "storage/wire/field_checker.hpp"

namespace hhgrid::storage {

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
/// 10^15 Wh, far above any real one.
inline constexpr core::WattHours annual_consumption_max = 1'000'000'000'000'000;

/// A register of a device that is fitted at a meter point, over the time in which it is.
struct MeterRegister {
  core::Mpan mpan;
  core::MeterSerialId meter_id;
  core::RegisterId register_id;  ///< Empty: the device has one.
  core::MeasurementQuantity quantity{};
  core::MeterRole role{};
  core::Instant installed_at, removed_at = still_fitted;  ///< The same: it never was fitted.
  core::WattHours maximum_wh = 0;  ///< Of half an hour (ECS1012); 0: what the connection can take.

  static constexpr core::Instant still_fitted{std::numeric_limits<std::int64_t>::max()};
};

EntryWords encode_registration(const Registration& registration, EntryScratch& scratch);
EntryWords encode_annual_consumption(const AnnualConsumption& annual, EntryScratch& scratch);
EntryWords encode_meter_register(const MeterRegister& fitted, EntryScratch& scratch);
tl::expected<Registration, Error> decode_registration(schema::Entry::Reader entry);
tl::expected<AnnualConsumption, Error> decode_annual_consumption(schema::Entry::Reader entry);
tl::expected<MeterRegister, Error> decode_meter_register(schema::Entry::Reader entry);

/// When a register was removed, of an entry or a record: not before it was installed.
core::Instant read_removed_at(std::int64_t installed_at, std::int64_t removed_at,
                              FieldChecker& check);

/// Terms as they stand in registrations, run sums and term records.
void write_terms(const core::Terms& terms, schema::Terms::Builder out);
tl::expected<core::Terms, Error> read_terms(schema::Terms::Reader terms);

}  // namespace hhgrid::storage
