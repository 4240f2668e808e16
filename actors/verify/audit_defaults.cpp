#include <bit>

#include <fmt/format.h>

#include "actors/meter/run_shapes.hpp"
#include "actors/verify/audit_partition.hpp"
#include "core/decimal.hpp"
#include "core/load_shape/shape_use.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {
namespace {

using core::MeasurementQuantity;
using storage::Errc;
using storage::Error;
using storage::Family;

constexpr auto defaults_table = "defaults";

/// One defaulted half hour.
struct Default {
  core::UtcDay day;
  int utc_period = 0;
  core::WattHours energy_wh = 0;
  char flag = 0;
};

/// What a run defaulted for one meter and quantity, in order of time.
struct DefaultsOfMeter {
  std::uint64_t mpan = 0;
  MeasurementQuantity quantity{};
  std::vector<Default> values;

  std::pair<std::uint64_t, MeasurementQuantity> key() const { return {mpan, quantity}; }
  std::string text() const { return fmt::format("{:013} {}", mpan, core::to_string(quantity)); }
};

std::string text_of(const Default& value) {
  return fmt::format("{} Wh {}", value.energy_wh, value.flag);
}

std::vector<Default> read_values(schema::MeterDefaults::Reader record) {
  std::vector<Default> values;
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
                                                                const std::string& where,
                                                                std::uint32_t run) {
  std::vector<DefaultsOfMeter> all;
  std::optional<Error> failure;
  const auto scanned = store.scan_prefix(
      Family::run, defaults_prefix(run), [&](std::string_view key, std::string_view value) {
        const auto place = [&] { return where + " run " + storage::printable_key(key); };
        auto values = storage::read_record<schema::MeterDefaults>(value, place, read_values);
        if (!values) return failure = values.error(), false;
        const auto of = read_defaults_key(key);
        if (!of) return failure = Error{Errc::damaged, place() + ": bad key"}, false;
        all.push_back({of->mpan, of->quantity, std::move(*values)});
        return true;
      });
  if (!scanned) return tl::unexpected(scanned.error());
  if (failure) return tl::unexpected(*failure);
  return all;
}

/// One difference a meter: the first half hour that differs, and how many more do.
void compare(const DefaultsOfMeter& stored, const DefaultsOfMeter& recomputed, DifferenceLog& log) {
  std::optional<AuditDifference> first;
  std::size_t count = 0;
  const auto differs = [&](const Default& at, std::string a, std::string b) {
    if (count++ > 0) return;
    first = AuditDifference{
        defaults_table,
        fmt::format("{} UTC period {}", core::format_day(at.day.value), at.utc_period),
        std::move(a), std::move(b)};
  };
  walk_both(
      stored.values, recomputed.values,
      [](const Default& value) { return std::pair(value.day, value.utc_period); },
      [&](const Default& a, const Default& b) {
        if (a.energy_wh != b.energy_wh || a.flag != b.flag) differs(a, text_of(a), text_of(b));
      },
      [&](const Default& a) { differs(a, text_of(a), "absent"); },
      [&](const Default& b) { differs(b, "absent", text_of(b)); });
  if (first)
    log.add(defaults_table, stored.text() + ": " + first->key + DifferenceLog::and_more(count - 1),
            first->stored, first->recomputed);
}

core::Exception no_default(std::uint64_t mpan) {
  return {"no_default", fmt::format("{:013}", mpan), 0,
          "neither a load shape nor an annual consumption: missing periods settle as 0"};
}

}  // namespace

tl::expected<void, Error> PartitionAudit::take_defaults(const AuditShapes& shapes,
                                                        DifferenceLog& log) {
  std::map<LedgerDay::Key, core::PeriodEnergy> sums;
  std::vector<DefaultsOfMeter> recomputed;
  for (const Missing& missing : missing_) {
    DefaultsOfMeter meter{missing.mpan, missing.quantity, {}};
    auto& sum = sums[LedgerDay::key(missing.terms, missing.quantity)];
    const auto group = shape_group(terms_.at(missing.terms), missing.quantity);
    bool exception = false;
    for (const MissingDay& day : missing.days) {
      const core::Shape& shape = shapes.at({group, day.span.day});
      for (std::uint64_t rest = day.periods; rest != 0; rest &= rest - 1) {
        const int utc = std::countr_zero(rest);
        const auto i = static_cast<std::size_t>(utc);
        const auto value = core::default_value(missing.quantity, shape.energy_wh[i], shape.flag[i],
                                               shape.rolling_annual, day.annual_consumption);
        sum[static_cast<std::size_t>(utc + day.span.first_settlement_period -
                                     day.span.first_utc_period)] += value.energy_wh;
        meter.values.push_back(
            {day.span.day, utc + 1, value.energy_wh, static_cast<char>(value.flag)});
        exception |= value.exception;
      }
    }
    if (exception) exceptions_.push_back(no_default(missing.mpan));
    recomputed.push_back(std::move(meter));
  }
  for (const auto& [key, energy] : sums)
    defaults_.push_back({terms_.at(LedgerDay::terms_of(key)), LedgerDay::quantity_of(key), energy});
  const auto stored = read_defaults(store_, where_, run_.number);
  if (!stored) return tl::unexpected(stored.error());
  walk_both(
      *stored, recomputed, [](const DefaultsOfMeter& meter) { return meter.key(); },
      [&](const DefaultsOfMeter& a, const DefaultsOfMeter& b) { compare(a, b, log); },
      [&](const DefaultsOfMeter& a) { log.add(defaults_table, a.text(), "present", "absent"); },
      [&](const DefaultsOfMeter& b) { log.add(defaults_table, b.text(), "absent", "present"); });
  return {};
}

}  // namespace hhgrid::actors
