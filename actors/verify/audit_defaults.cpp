#include "actors/verify/audit_defaults.hpp"

#include <bit>

#include <fmt/format.h>

#include "actors/host/message_codec.hpp"
#include "actors/meter/run_shapes.hpp"
#include "core/decimal.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors {
namespace {

using core::MeasurementQuantity;
using storage::Error;

constexpr auto defaults_table = "defaults";

std::string text_of(const DefaultsOfMeter& meter) {
  return fmt::format("{} {}", meter.mpan.to_string(), core::to_string(meter.quantity));
}

std::string text_of(const DefaultedPeriod& value) {
  return fmt::format("{} Wh {}", value.energy_wh, value.flag);
}

std::vector<DefaultedPeriod> read_values(schema::MeterDefaults::Reader record) {
  std::vector<DefaultedPeriod> values;
  for (const auto day : record.getDays()) {
    const auto energy = day.getEnergyWh();
    const auto flags = day.getFlags();
    const auto count = static_cast<unsigned>(std::popcount(day.getPresent()));
    if (energy.size() != count || flags.size() != count)
      throw TurnFailure("values and their mask do not match");
    unsigned n = 0;
    for (std::uint64_t rest = day.getPresent(); rest != 0; rest &= rest - 1, ++n)
      values.push_back({core::UtcDay{day.getUtcDay()}, std::countr_zero(rest) + 1, energy[n],
                        static_cast<char>(flags[n])});
  }
  return values;
}

tl::expected<std::vector<DefaultsOfMeter>, Error> read_defaults(const storage::Store& store,
                                                                std::uint32_t run) {
  std::vector<DefaultsOfMeter> all;
  const auto read =
      meter_defaults.each(store, defaults_prefix(run), [&](storage::KeyReader& key, auto record) {
        key.u32();  // the run's number
        const auto mpan = core::Mpan::from_number(key.u64());
        const auto quantity =
            read_enumeration<MeasurementQuantity>("quantity", key.u8(), storage::quantity_count);
        all.push_back({mpan, quantity, read_values(record)});
      });
  if (!read) return tl::unexpected(read.error());
  return all;
}

/// One difference a meter: the first half hour that differs, and how many more do.
void compare(const DefaultsOfMeter& stored, const DefaultsOfMeter& recomputed, DifferenceLog& log) {
  std::optional<AuditDifference> first;
  std::size_t count = 0;
  const auto differs = [&](const DefaultedPeriod& at, std::string a, std::string b) {
    if (count++ > 0) return;
    first = AuditDifference{
        defaults_table,
        fmt::format("{} UTC period {}", core::format_day(at.day.value), at.utc_period),
        std::move(a), std::move(b)};
  };
  walk_both(
      stored.values, recomputed.values,
      [](const DefaultedPeriod& value) { return std::pair(value.day, value.utc_period); },
      [&](const DefaultedPeriod& a, const DefaultedPeriod& b) {
        if (a.energy_wh != b.energy_wh || a.flag != b.flag) differs(a, text_of(a), text_of(b));
      },
      [&](const DefaultedPeriod& a) { differs(a, text_of(a), "absent"); },
      [&](const DefaultedPeriod& b) { differs(b, "absent", text_of(b)); });
  if (first)
    log.add(defaults_table,
            text_of(stored) + ": " + first->key + DifferenceLog::and_more(count - 1), first->stored,
            first->recomputed);
}

}  // namespace

tl::expected<void, Error> compare_defaults(const storage::Store& store, std::uint32_t run,
                                           const std::vector<DefaultsOfMeter>& recomputed,
                                           DifferenceLog& log) {
  const auto stored = read_defaults(store, run);
  if (!stored) return tl::unexpected(stored.error());
  walk_both(
      *stored, recomputed, [](const DefaultsOfMeter& meter) { return meter.key(); },
      [&](const DefaultsOfMeter& a, const DefaultsOfMeter& b) { compare(a, b, log); },
      [&](const DefaultsOfMeter& a) { log.add(defaults_table, text_of(a), "present", "absent"); },
      [&](const DefaultsOfMeter& b) { log.add(defaults_table, text_of(b), "absent", "present"); });
  return {};
}

}  // namespace hhgrid::actors
