#include "actors/meter/run_shapes.hpp"

#include <algorithm>
#include <bit>
#include <map>

#include <fmt/format.h>

#include "actors/host/message_codec.hpp"
#include "actors/meter/ledger.hpp"
#include "core/load_shape/shape_use.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_codec.hpp"
#include "storage/wire/entry_fields.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

using core::MeasurementQuantity;
using storage::Family;

namespace {

struct Sums {
  core::PeriodEnergy energy_wh{};
  std::uint32_t periods = 0;
};
using SumsByTerms = std::map<LedgerDay::Key, Sums>;
using ShapesByGroup = std::map<std::pair<core::ShapeGroup, core::UtcDay>, core::Shape>;

const core::Shape& shape_of(const ShapesByGroup& shapes, const core::ShapeGroup& group,
                            core::UtcDay day) {
  static const core::Shape none = [] {
    core::Shape shape;
    shape.flag.fill(core::ShapeFlag::no_data);
    return shape;
  }();
  const auto found = shapes.find({group, day});
  return found == shapes.end() ? none : found->second;
}

/// Defaults one UTC day of a meter; true when a half hour settles as 0 for want of everything.
bool default_day(const MissingMeter::Day& absent, MeasurementQuantity quantity,
                 const core::Shape& shape, const core::SettlementDaySpan& span, Sums& sum,
                 schema::MeterDefaults::Day::Builder out) {
  const auto count = static_cast<unsigned>(std::popcount(absent.periods));
  out.setUtcDay(absent.day.value);
  out.setPresent(absent.periods);
  auto energy = out.initEnergyWh(count);
  auto flags = out.initFlags(count);
  unsigned n = 0;
  bool exception = false;
  core::each_period(absent.periods, [&](std::size_t utc) {
    const auto value = core::default_value(quantity, shape.energy_wh[utc], shape.flag[utc],
                                           shape.rolling_annual, absent.annual_consumption);
    const auto sp =
        static_cast<std::size_t>(span.first_settlement_period - span.first_utc_period) + utc;
    sum.energy_wh[sp] += value.energy_wh;
    ++sum.periods;
    energy.set(n, value.energy_wh);
    flags[n++] = static_cast<kj::byte>(value.flag);
    exception |= value.exception;
  });
  return exception;
}

void write_answer(const TermsTable& terms, const SumsByTerms& sums,
                  const std::vector<core::Exception>& exceptions,
                  schema::RunDefaults::Builder answer) {
  auto list = answer.initSums(static_cast<unsigned>(sums.size()));
  unsigned i = 0;
  for (const auto& [key, sum] : sums) {
    storage::write_terms(terms.at(LedgerDay::terms_of(key)), list[i].initTerms());
    list[i].setQuantity(static_cast<std::uint8_t>(LedgerDay::quantity_of(key)));
    list[i].setDefaultedPeriods(sum.periods);
    write_trimmed(sum.energy_wh, [&](unsigned n) { return list[i].initEnergyWh(n); });
    ++i;
  }
  auto out = answer.initExceptions(static_cast<unsigned>(exceptions.size()));
  for (unsigned e = 0; e < out.size(); ++e) write_exception(exceptions[e], out[e]);
}

}  // namespace

void forget_run(const storage::Store& store, std::uint32_t run, RunRecords& records) {
  erase_findings(store, run, records);
  const std::string prefix = defaults_prefix(run);
  const auto read = storage::each_key(store, Family::run, prefix, [&](storage::KeyReader& key) {
    records.erasures.push_back(prefix + std::string(key.rest()));
  });
  if (!read) throw_read_error(read.error());
}

void turn(schema::RunShapes::Reader shapes, const RunShapesPorts& ports, RunRecords& records,
          schema::RunDefaults::Builder answer) {
  const auto& [id, calendar, terms, findings] = ports;
  std::vector<core::Exception> exceptions = findings.exceptions;
  const std::uint32_t run = shapes.getRunNumber();
  ShapesByGroup by_group;
  for (const auto values : shapes.getShapes()) {
    auto shape = read_shape_values(values);
    by_group.emplace(std::pair(shape.group, shape.day), shape.shape);
  }
  SumsByTerms sums;
  const auto spans = calendar.spans_of(findings.day);
  for (const auto& meter : findings.missing) {
    auto& sum = sums[LedgerDay::key(meter.terms, meter.quantity)];
    const auto group = shape_group(terms.at(meter.terms), meter.quantity);
    storage::RecordBuilder<schema::MeterDefaults> record;
    auto days = record->initDays(static_cast<unsigned>(meter.days.size()));
    bool exception = false;
    for (unsigned d = 0; d < days.size(); ++d) {
      const auto& absent = meter.days[d];
      const auto& span = *std::find_if(spans.begin(), spans.end(),
                                       [&](const auto& s) { return s.day == absent.day; });
      exception |= default_day(absent, meter.quantity, shape_of(by_group, group, absent.day), span,
                               sum, days[d]);
    }
    if (exception)
      exceptions.push_back(
          {"no_default", meter.mpan.to_string(), 0,
           "neither a load shape nor an annual consumption: missing periods settle as 0"});
    records.puts.emplace_back(defaults_key(run, meter.mpan, meter.quantity), record.bytes());
  }
  answer.setRunNumber(run);
  answer.setPartition(id);
  write_answer(terms, sums, exceptions, answer);
}

std::string defaults_prefix(std::uint32_t run) { return meter_defaults.key().u32(run).str(); }

std::string defaults_key(std::uint32_t run, core::Mpan mpan, MeasurementQuantity quantity) {
  return defaults_prefix(run) +
         storage::KeyWriter().u64(mpan.number()).u8(static_cast<std::uint8_t>(quantity)).str();
}

std::optional<DefaultsKey> read_defaults_key(std::string_view key) {
  storage::KeyReader reader(key);
  const bool tagged = reader.u8() == 'd';
  reader.u32();  // the run's number
  const auto mpan = core::Mpan::parse(fmt::format("{:013}", reader.u64()));
  const auto quantity = reader.u8();
  if (!tagged || !reader.complete() || !mpan || quantity >= storage::quantity_count)
    return std::nullopt;
  return DefaultsKey{*mpan, static_cast<MeasurementQuantity>(quantity)};
}

}  // namespace hhgrid::actors
