#include "storage/wire/consumption_codec.hpp"

#include <bit>
#include <cstring>

#include "core/assertion.hpp"
#include "core/calendar.hpp"
#include "core/packing.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::storage {
namespace {

using core::all_periods_mask;
using core::periods_per_utc_day;

/// What of a detail has to be written: nothing when one quality and no reasons serve all carried
/// periods.
struct CarriedDetail {
  std::array<std::uint8_t, periods_per_utc_day> qualities, estimation_reasons, amendment_reasons;
  bool several_qualities = false, any_estimation = false, any_amendment = false;
};

CarriedDetail gather_detail(const ConsumptionDay& day) {
  CarriedDetail carried;
  int n = 0;
  for (std::uint64_t bits = day.present; bits != 0; bits &= bits - 1, ++n) {
    const int slot = std::countr_zero(bits);
    carried.qualities[n] = static_cast<std::uint8_t>(day.detail->qualities[slot]);
    carried.estimation_reasons[n] = day.detail->estimation_reasons[slot];
    carried.amendment_reasons[n] = static_cast<std::uint8_t>(day.detail->amendment_reasons[slot]);
    carried.several_qualities |= carried.qualities[n] != carried.qualities[0];
    carried.any_estimation |= carried.estimation_reasons[n] != 0;
    carried.any_amendment |= carried.amendment_reasons[n] != 0;
  }
  return carried;
}

/// Writes the detail and returns the quality byte of the entry.
std::uint8_t write_detail(const ConsumptionDay& day, int count,
                          schema::Entry::Consumption::Builder out) {
  const CarriedDetail carried = gather_detail(day);
  if (carried.several_qualities || carried.any_estimation || carried.any_amendment) {
    auto detail = out.initDetail();
    const auto bytes = [count](const auto& array) { return kj::arrayPtr(array.data(), count); };
    if (carried.several_qualities) detail.setQualities(bytes(carried.qualities));
    if (carried.any_estimation) detail.setEstimationReasons(bytes(carried.estimation_reasons));
    if (carried.any_amendment) detail.setAmendmentReasons(bytes(carried.amendment_reasons));
  }
  return carried.several_qualities ? core::quality_per_period : carried.qualities[0];
}

void check_amendment_reason(FieldChecker& check, std::uint8_t reason) {
  check.require(reason == 0 || amendment_reason_letters.find(static_cast<char>(reason)) !=
                                   std::string_view::npos,
                "detail.amendmentReasons", reason, "is no amendment reason");
}

/// Reads the detail of `count` carried periods; `quality` is the entry's quality byte.
PeriodDetail read_detail(FieldChecker& check, schema::PeriodDetail::Reader reader,
                         std::uint64_t present, int count, std::uint8_t quality) {
  const auto length = [&](const char* field, capnp::Data::Reader data) {
    const bool holds = data.size() == 0 || data.size() == static_cast<std::size_t>(count);
    check.require(holds, field, static_cast<std::int64_t>(data.size()),
                  "is not its length: one a carried period or none");
    return holds && data.size() != 0;
  };
  const auto qualities = reader.getQualities();
  const auto estimations = reader.getEstimationReasons();
  const auto amendments = reader.getAmendmentReasons();
  const bool any_qualities = length("detail.qualities", qualities);
  const bool any_estimations = length("detail.estimationReasons", estimations);
  const bool any_amendments = length("detail.amendmentReasons", amendments);
  check.require(any_qualities == (quality == core::quality_per_period), "quality", quality,
                "does not agree with the presence of qualities by period");
  PeriodDetail detail;
  int n = 0;
  for (std::uint64_t bits = present; bits != 0 && check.ok(); bits &= bits - 1, ++n) {
    const int slot = std::countr_zero(bits);
    detail.qualities[slot] = check.enumeration<core::Quality>(
        "detail.qualities", any_qualities ? qualities[n] : quality, core::quality_count);
    if (any_estimations) {
      check.require(estimations[n] <= estimation_reason_max, "detail.estimationReasons",
                    estimations[n], "is no estimation reason");
      detail.estimation_reasons[slot] = estimations[n];
    }
    if (any_amendments) {
      check_amendment_reason(check, amendments[n]);
      detail.amendment_reasons[slot] = static_cast<char>(amendments[n]);
    }
  }
  return detail;
}

void read_values(FieldChecker& check, capnp::Data::Reader values, ConsumptionDay& day, int count) {
  const std::span<const std::uint8_t> bytes(values.begin(), values.size());
  check.require(bytes.empty() || bytes[0] <= reading_width_max, "values",
                bytes.empty() ? 0 : bytes[0],
                "is the width in bits of a value above the largest that a reading may have");
  if (day.present == all_periods_mask) {
    check.require(core::unpack_values(bytes, count, day.energy_wh.data()), "values",
                  static_cast<std::int64_t>(bytes.size()),
                  "is the length of bytes that are no packed values of all periods");
    return;
  }
  std::array<core::WattHours, periods_per_utc_day> packed;
  const bool holds = core::unpack_values(bytes, count, packed.data());
  check.require(holds, "values", static_cast<std::int64_t>(bytes.size()),
                "is the length of bytes that are no packed values of the carried periods");
  if (!holds) return;
  int n = 0;
  for (std::uint64_t bits = day.present; bits != 0; bits &= bits - 1)
    day.energy_wh[std::countr_zero(bits)] = packed[n++];
}

}  // namespace

EntryWords encode_consumption(const ConsumptionDay& day, EntryScratch& scratch) {
  HHGRID_ASSERT(day.present != 0 && (day.present & ~all_periods_mask) == 0);
  std::array<core::WattHours, periods_per_utc_day> carried;
  const core::WattHours* values = day.energy_wh.data();
  const int count = std::popcount(day.present);
  if (day.present != all_periods_mask) {
    int n = 0;
    for (std::uint64_t bits = day.present; bits != 0; bits &= bits - 1)
      carried[n++] = day.energy_wh[std::countr_zero(bits)];
    values = carried.data();
  }
  std::array<std::uint8_t, core::packed_size_max> packed;
  const std::size_t size = core::pack_values({values, static_cast<std::size_t>(count)}, packed);
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initConsumption();
    out.setMpan(day.mpan.number());
    out.setUtcDay(day.day.value);
    out.setPresentLow(static_cast<std::uint32_t>(day.present));
    out.setPresentHigh(static_cast<std::uint16_t>(day.present >> 32));
    out.setQuantity(static_cast<std::uint8_t>(day.quantity));
    out.setValues(kj::arrayPtr(packed.data(), size));
    out.setQuality(day.detail ? write_detail(day, count, out)
                              : static_cast<std::uint8_t>(day.quality));
  });
}

EntryWords encode_consumption_limits(const core::MaximumEnergy& maximum, EntryScratch& scratch) {
  return scratch.build([&](schema::Entry::Builder entry) {
    const auto& values = maximum.by_connection;
    auto list = entry.initConsumptionLimits().initMaximumWh(static_cast<unsigned>(values.size()));
    for (unsigned i = 0; i < list.size(); ++i) list.set(i, values[i]);
  });
}

tl::expected<ConsumptionDay, Error> decode_consumption(schema::Entry::Reader entry) {
  return decode_entry("consumption", entry, schema::Entry::CONSUMPTION, [&](FieldChecker& check) {
    const auto in = entry.getConsumption();
    ConsumptionDay day(check.mpan("mpan", in.getMpan()));
    day.quantity = check.enumeration<core::MeasurementQuantity>("quantity", in.getQuantity(), 4);
    day.day = {check.day("utcDay", in.getUtcDay())};
    day.present = in.getPresentLow() | std::uint64_t{in.getPresentHigh()} << 32;
    check.require(day.present != 0, "presentLow", 0, "carries no period");
    const int count = std::popcount(day.present);
    read_values(check, in.getValues(), day, count);
    const std::uint8_t quality = in.getQuality();
    if (in.hasDetail()) {
      day.detail = read_detail(check, in.getDetail(), day.present, count, quality);
      day.quality = day.detail->qualities[std::countr_zero(day.present) % periods_per_utc_day];
    } else {
      day.quality = check.enumeration<core::Quality>("quality", quality, core::quality_count);
    }
    return day;
  });
}

}  // namespace hhgrid::storage
