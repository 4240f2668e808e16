#include "actors/meter/missing_meters.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/host/message_codec.hpp"
#include "actors/meter/presence.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors {

using core::MeasurementQuantity;
using core::SettlementDay;
using storage::Family;

namespace {

constexpr storage::Table<schema::MissingRecord> missing_table(Family::run, "m");
static_assert(missing_tag == 'm');

/// A meter takes about 100 bytes of a record, an exception at most 200.
constexpr std::size_t meters_per_record = 500, exceptions_per_record = 250;

void write_meter(const MissingMeter& missing, schema::MissingRecord::Meter::Builder out) {
  out.setMpan(missing.mpan.number());
  out.setTermsId(missing.terms);
  out.setQuantity(static_cast<std::uint8_t>(missing.quantity));
  auto days = out.initDays(static_cast<unsigned>(missing.days.size()));
  for (unsigned d = 0; d < days.size(); ++d) {
    const auto& from = missing.days[d];
    days[d].setUtcDay(from.day.value);
    days[d].setMissing(from.periods);
    days[d].setAnnualConsumptionKnown(from.annual_consumption.has_value());
    days[d].setAnnualConsumptionWh(from.annual_consumption.value_or(0));
  }
}

MissingMeter read_meter(schema::MissingRecord::Meter::Reader meter, const TermsTable& terms,
                        const std::vector<core::SettlementDaySpan>& spans) {
  if (meter.getTermsId() >= terms.size())
    refuse_field("termsId", std::to_string(meter.getTermsId()), "the partition does not have");
  if (meter.getQuantity() >= storage::quantity_count)
    refuse_field("quantity", std::to_string(meter.getQuantity()), "is none");
  MissingMeter missing{core::Mpan::from_number(meter.getMpan()),
                       meter.getTermsId(),
                       static_cast<MeasurementQuantity>(meter.getQuantity()),
                       {}};
  for (const auto d : meter.getDays()) {
    if (std::none_of(spans.begin(), spans.end(),
                     [&](const auto& span) { return span.day.value == d.getUtcDay(); }))
      refuse_field("utcDay", std::to_string(d.getUtcDay()), "is not of the settlement day");
    if ((d.getMissing() & ~all_periods_mask) != 0)
      refuse_field("missing", std::to_string(d.getMissing()), "has more than 48 periods");
    missing.days.push_back(
        {core::UtcDay{d.getUtcDay()}, d.getMissing(),
         d.getAnnualConsumptionKnown() ? std::optional(d.getAnnualConsumptionWh()) : std::nullopt});
  }
  return missing;
}

}  // namespace

void put_findings(std::uint32_t run, const RunFindings& findings, RunRecords& records) {
  std::size_t meter = 0, exception = 0;
  std::uint32_t number = 0;
  do {
    const auto meters = std::min(meters_per_record, findings.missing.size() - meter);
    // Meters first, so that no record has both in full.
    const auto exceptions =
        meters > 0 ? 0 : std::min(exceptions_per_record, findings.exceptions.size() - exception);
    storage::RecordBuilder<schema::MissingRecord> record;
    record->setSettlementDay(findings.day.value);
    auto out = record->initMeters(static_cast<unsigned>(meters));
    for (auto one : out) write_meter(findings.missing[meter++], one);
    auto texts = record->initExceptions(static_cast<unsigned>(exceptions));
    for (auto one : texts) write_exception(findings.exceptions[exception++], one);
    records.puts.emplace_back(missing_table.key().u32(run).u32(number++).str(), record.bytes());
  } while (meter < findings.missing.size() || exception < findings.exceptions.size());
}

RunFindings take_findings(const storage::Store& store, std::uint32_t run,
                          const core::SettlementCalendar& calendar, const TermsTable& terms,
                          RunRecords& records) {
  RunFindings findings;
  std::vector<core::SettlementDaySpan> spans;
  std::uint32_t expected = 0;
  const auto read = missing_table.each(
      store, missing_table.key().u32(run), [&](storage::KeyReader& key, auto record) {
        key.u32();
        const std::uint32_t number = key.u32();
        if (number != expected++)
          refuse_field("number", std::to_string(number), "does not follow the record before");
        findings.day.value = read_day("settlementDay", record.getSettlementDay());
        if (spans.empty()) spans = calendar.spans_of(findings.day);
        for (const auto meter : record.getMeters())
          findings.missing.push_back(read_meter(meter, terms, spans));
        for (const auto exception : record.getExceptions())
          findings.exceptions.push_back(read_exception(exception));
      });
  if (!read) throw_read_error(read.error());
  if (expected == 0) throw TurnFailure(fmt::format("run {} has no marker in this partition", run));
  for (std::uint32_t number = 0; number < expected; ++number)
    records.erasures.push_back(missing_table.key().u32(run).u32(number).str());
  return findings;
}

void erase_findings(const storage::Store& store, std::uint32_t run, RunRecords& records) {
  const auto read = storage::each_key(
      store, Family::run, missing_table.key().u32(run).str(), [&](storage::KeyReader& key) {
        records.erasures.push_back(missing_table.key().u32(run).u32(key.u32()).str());
      });
  if (!read) throw_read_error(read.error());
}

}  // namespace hhgrid::actors
