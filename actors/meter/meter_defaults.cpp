#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "actors/host/message_codec.hpp"
#include "actors/meter/meter_fold.hpp"
#include "core/load_shape/shape_use.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_codec.hpp"
#include "storage/wire/entry_fields.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using core::MeasurementQuantity;
using core::SettlementDay;
using storage::Family;

namespace {

std::string missing_key(std::uint32_t run) { return storage::KeyWriter().tag('m').u32(run).str(); }

}  // namespace

void MeterFold::put_missing(std::uint32_t run, SettlementDay day,
                            const std::vector<Missing>& missing) {
  storage::RecordBuilder<schema::MissingRecord> record;
  record->setSettlementDay(day.value);
  auto meters = record->initMeters(static_cast<unsigned>(missing.size()));
  for (unsigned i = 0; i < meters.size(); ++i) {
    meters[i].setMpan(missing[i].mpan);
    meters[i].setTermsId(missing[i].terms);
    meters[i].setQuantity(static_cast<std::uint8_t>(missing[i].quantity));
    auto days = meters[i].initDays(static_cast<unsigned>(missing[i].days.size()));
    for (unsigned d = 0; d < days.size(); ++d) {
      const auto& from = missing[i].days[d];
      days[d].setUtcDay(from.day.value);
      days[d].setMissing(from.periods);
      days[d].setAnnualConsumptionKnown(from.annual_consumption.has_value());
      days[d].setAnnualConsumptionWh(from.annual_consumption.value_or(0));
    }
  }
  run_puts_.emplace_back(missing_key(run), record.bytes());
}

std::vector<MeterFold::Missing> MeterFold::get_missing(std::uint32_t run,
                                                       SettlementDay& day) const {
  const auto bytes = store().get(Family::run, missing_key(run));
  if (!bytes) throw_read_error(bytes.error());
  if (!*bytes) throw TurnFailure(fmt::format("run {} has no marker in this partition", run));
  const auto where = fmt::format("{} run {} missing", store().path().string(), run);
  auto missing = storage::read_record<schema::MissingRecord>(**bytes, where, [&](auto record) {
    day.value = record.getSettlementDay();
    if (!core::SettlementCalendar::covers(day.value))
      refuse_field("settlementDay", std::to_string(day.value), "the settlement calendar lacks");
    const auto spans = calendar_.spans_of(day);
    std::vector<Missing> meters;
    for (const auto meter : record.getMeters()) {
      if (meter.getTermsId() >= terms_.size())
        refuse_field("termsId", std::to_string(meter.getTermsId()), "the partition does not have");
      if (meter.getQuantity() >= storage::quantity_count)
        refuse_field("quantity", std::to_string(meter.getQuantity()), "is none");
      Missing m{meter.getMpan(),
                meter.getTermsId(),
                static_cast<MeasurementQuantity>(meter.getQuantity()),
                {}};
      for (const auto d : meter.getDays()) {
        if (std::none_of(spans.begin(), spans.end(),
                         [&](const auto& span) { return span.day.value == d.getUtcDay(); }))
          refuse_field("utcDay", std::to_string(d.getUtcDay()), "is not of the settlement day");
        if ((d.getMissing() & ~storage::all_periods) != 0)
          refuse_field("missing", std::to_string(d.getMissing()), "has more than 48 periods");
        m.days.push_back({core::UtcDay{d.getUtcDay()}, d.getMissing(),
                          d.getAnnualConsumptionKnown() ? std::optional(d.getAnnualConsumptionWh())
                                                        : std::nullopt});
      }
      meters.push_back(std::move(m));
    }
    return meters;
  });
  if (!missing) throw_read_error(missing.error());
  return std::move(*missing);
}

/// Of a refused run nothing stays: neither what was missing nor what was defaulted.
void MeterFold::forget_run(std::uint32_t run) {
  run_erasures_.push_back(missing_key(run));
  const auto scanned = store().scan_prefix(Family::run, defaults_prefix(run),
                                           [&](std::string_view key, std::string_view) {
                                             run_erasures_.emplace_back(key);
                                             return true;
                                           });
  if (!scanned) throw_read_error(scanned.error());
}

/// The run's load shapes are here: default what the marker found missing (`arithmetic.md` 4), per
/// meter and period.
void MeterFold::shapes_turn(schema::RunShapes::Reader shapes) {
  const std::uint32_t run = shapes.getRunNumber();
  if (shapes.getCancelled()) return forget_run(run);
  SettlementDay day;
  const auto missing = get_missing(run, day);
  std::map<std::pair<core::ShapeGroup, core::UtcDay>, core::Shape> by_group;
  for (const auto values : shapes.getShapes()) {
    auto shape = read_shape_values(values);
    by_group.emplace(std::pair(shape.group, shape.day), shape.shape);
  }
  struct Sums {
    core::PeriodEnergy energy_wh{};
    std::uint32_t periods = 0;
  };
  std::map<LedgerDay::Key, Sums> sums;
  std::vector<core::Exception> exceptions;
  const auto spans = calendar_.spans_of(day);
  static const core::Shape no_shape = [] {
    core::Shape none;
    none.flag.fill(core::ShapeFlag::no_data);
    return none;
  }();
  for (const auto& meter : missing) {
    auto& sum = sums[LedgerDay::key(meter.terms, meter.quantity)];
    const auto group = shape_group(terms_.at(meter.terms), meter.quantity);
    storage::RecordBuilder<schema::MeterDefaults> record;
    auto days = record->initDays(static_cast<unsigned>(meter.days.size()));
    bool exception = false;
    for (unsigned d = 0; d < days.size(); ++d) {
      const auto& absent = meter.days[d];
      const auto found = by_group.find({group, absent.day});
      const core::Shape& shape = found == by_group.end() ? no_shape : found->second;
      const auto& span = *std::find_if(spans.begin(), spans.end(),
                                       [&](const auto& s) { return s.day == absent.day; });
      const auto count = static_cast<unsigned>(std::popcount(absent.periods));
      days[d].setUtcDay(absent.day.value);
      days[d].setPresent(absent.periods);
      auto energy = days[d].initEnergyWh(count);
      auto flags = days[d].initFlags(count);
      unsigned n = 0;
      for (std::uint64_t rest = absent.periods; rest != 0; rest &= rest - 1, ++n) {
        const auto utc = static_cast<std::size_t>(std::countr_zero(rest));
        const auto value =
            core::default_value(meter.quantity, shape.energy_wh[utc], shape.flag[utc],
                                shape.rolling_annual, absent.annual_consumption);
        const auto sp =
            static_cast<std::size_t>(span.first_settlement_period - span.first_utc_period) + utc;
        sum.energy_wh[sp] += value.energy_wh;
        ++sum.periods;
        energy.set(n, value.energy_wh);
        flags[n] = static_cast<kj::byte>(value.flag);
        exception |= value.exception;
      }
    }
    if (exception)
      exceptions.push_back(
          {"no_default", fmt::format("{:013}", meter.mpan), 0,
           "neither a load shape nor an annual consumption: missing periods settle as 0"});
    run_puts_.emplace_back(defaults_key(run, meter.mpan, meter.quantity), record.bytes());
  }

  capnp::MallocMessageBuilder message(1 << 14);
  auto root = message.initRoot<schema::Entry>();
  root.setFormatVersion(schema::ENTRY_FORMAT);
  auto out = root.initRunDefaults();
  out.setRunNumber(run);
  out.setPartition(id());
  auto list = out.initSums(static_cast<unsigned>(sums.size()));
  unsigned i = 0;
  for (const auto& [key, sum] : sums) {
    storage::write_terms(terms_.at(LedgerDay::terms_of(key)), list[i].initTerms());
    list[i].setQuantity(static_cast<std::uint8_t>(LedgerDay::quantity_of(key)));
    list[i].setDefaultedPeriods(sum.periods);
    write_trimmed(sum.energy_wh, [&](unsigned n) { return list[i].initEnergyWh(n); });
    ++i;
  }
  auto out_exceptions = out.initExceptions(static_cast<unsigned>(exceptions.size()));
  for (unsigned e = 0; e < out_exceptions.size(); ++e)
    write_exception(exceptions[e], out_exceptions[e]);
  run_erasures_.push_back(missing_key(run));
  send(identity().meter_partitions, message);
}

std::string defaults_prefix(std::uint32_t run) {
  return storage::KeyWriter().tag('d').u32(run).str();
}

std::string defaults_key(std::uint32_t run, std::uint64_t mpan, MeasurementQuantity quantity) {
  return defaults_prefix(run) +
         storage::KeyWriter().u64(mpan).u8(static_cast<std::uint8_t>(quantity)).str();
}

std::optional<DefaultsKey> read_defaults_key(std::string_view key) {
  storage::KeyReader reader(key);
  const bool tagged = reader.u8() == 'd';
  reader.u32();  // the run's number
  const std::uint64_t mpan = reader.u64();
  const auto quantity = reader.u8();
  if (!tagged || !reader.complete() || quantity >= storage::quantity_count) return std::nullopt;
  return DefaultsKey{mpan, static_cast<MeasurementQuantity>(quantity)};
}

}  // namespace hhgrid::actors
