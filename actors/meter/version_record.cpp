#include "actors/meter/version_record.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include <fmt/format.h>

#include "actors/meter/plain_version.hpp"
#include "core/packing.hpp"
#include "storage/wire/entry_codec.hpp"
#include "storage/wire/entry_fields.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

using core::periods_per_utc_day;
using storage::Errc;
using storage::Error;

namespace {

constexpr std::uint16_t code_numbers[] = {1006, 1008, 1012};
static_assert(std::size(code_numbers) == core::refusal_code_count);

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

template <class Value>
kj::Array<kj::byte> carried(const std::array<Value, periods_per_utc_day>& values,
                            std::uint64_t periods, std::uint64_t meaningful) {
  auto bytes = kj::heapArray<kj::byte>(static_cast<std::size_t>(std::popcount(periods)));
  std::size_t n = 0;
  core::each_period(periods, [&](std::size_t i) {
    bytes[n++] = (meaningful >> i & 1) != 0 ? static_cast<kj::byte>(values[i]) : 0;
  });
  return bytes;
}

void write_values(const MeterDay& values, schema::VersionRecord::Builder record) {
  record.setPresent(values.present);
  if (values.present == 0) return;
  std::array<core::WattHours, periods_per_utc_day> energy;
  std::size_t count = 0;
  core::each_period(values.present, [&](std::size_t i) { energy[count++] = values.energy_wh[i]; });
  std::array<std::uint8_t, core::packed_size_max> packed;
  const auto size = core::pack_values({energy.data(), count}, packed);
  record.setValues(kj::arrayPtr(packed.data(), size));
  const auto qualities = carried(values.quality, values.present, values.present);
  const bool one = std::all_of(qualities.begin(), qualities.end(),
                               [&](auto quality) { return quality == qualities[0]; });
  record.setQualities(one ? qualities.slice(0, 1) : qualities.asPtr());
  if (values.reasoned == 0) return;
  record.setEstimationReasons(carried(values.estimation_reason, values.present, values.reasoned));
  record.setAmendmentReasons(carried(values.amendment_reason, values.present, values.reasoned));
}

MeterDay read_values(schema::VersionRecord::Reader record) {
  MeterDay day;
  day.present = record.getPresent();
  require((day.present & ~all_periods_mask) == 0, "it carries more than 48 periods");
  const auto values = record.getValues();
  if (day.present == 0) {
    require(values.size() == 0, "it has values and carries no period");
    return day;
  }
  const auto count = static_cast<std::size_t>(std::popcount(day.present));
  std::array<core::WattHours, periods_per_utc_day> energy;
  require(values.size() > 0 && values[0] <= storage::reading_width_max &&
              core::unpack_values({values.begin(), values.size()}, static_cast<int>(count),
                                  energy.data()),
          "its values do not hold");
  const auto qualities = record.getQualities();
  const auto estimation = record.getEstimationReasons(), amendment = record.getAmendmentReasons();
  require(qualities.size() == 1 || qualities.size() == count, "its qualities do not hold");
  require((estimation.size() == 0 && amendment.size() == 0) ||
              (estimation.size() == count && amendment.size() == count),
          "its reasons do not hold");
  std::size_t n = 0;
  core::each_period(day.present, [&](std::size_t i) {
    day.energy_wh[i] = energy[n];
    const auto quality = qualities[qualities.size() == 1 ? 0 : n];
    require(quality < core::quality_count, "a quality is none");
    day.quality[i] = static_cast<core::Quality>(quality);
    if (estimation.size() > 0 && (estimation[n] != 0 || amendment[n] != 0)) {
      require(estimation[n] <= storage::estimation_reason_max, "an estimation reason is none");
      require(amendment[n] == 0 || storage::amendment_reason_letters.find(
                                       static_cast<char>(amendment[n])) != std::string_view::npos,
              "an amendment reason is none");
      day.reasoned |= std::uint64_t{1} << i;
      day.estimation_reason[i] = estimation[n];
      day.amendment_reason[i] = static_cast<char>(amendment[n]);
    }
    ++n;
  });
  return day;
}

void write_origin(const StoredVersion& version, schema::VersionRecord::Builder record) {
  if (!version.derived) return record.getDerivation().setReceived();
  auto derived = record.getDerivation().initDerived();
  derived.setRule(static_cast<std::uint16_t>(version.derived->rule));
  derived.setRuleSet(version.derived->rule_set);
  auto positions = derived.initPositions(static_cast<unsigned>(version.derived->positions.size()));
  for (unsigned i = 0; i < positions.size(); ++i)
    positions.set(i, version.derived->positions[i].number());
}

StoredVersion read_record_version(const VersionKey& key, schema::VersionRecord::Reader record) {
  require(record.getMpan() == key.mpan.number() && record.getUtcDay() == key.day.value &&
              record.getQuantity() == static_cast<std::uint8_t>(key.quantity),
          "it is of another meter, day or quantity than its key");
  storage::FieldChecker check("consumption key");
  check.mpan("mpan", key.mpan.number());
  check.day("utcDay", key.day.value);
  if (!check.ok()) throw std::runtime_error(check.error().text);
  StoredVersion version{key, read_values(record), read_refused(record.getRefused()), {}, {}};
  require((version.refused.all() & ~version.values.present) == 0,
          "it refuses half hours that it does not carry");
  for (const auto judgement : record.getJudgements())
    version.judgements.push_back({storage::Position::from_number(judgement.getPosition()),
                                  judgement.getN(), read_refused(judgement.getRefused())});
  if (record.getDerivation().isDerived()) {
    const auto derived = record.getDerivation().getDerived();
    auto& origin = version.derived.emplace();
    origin.rule = static_cast<DerivationRule>(derived.getRule());
    origin.rule_set = derived.getRuleSet();
    for (const auto position : derived.getPositions())
      origin.positions.push_back(storage::Position::from_number(position));
  }
  require(version.derived.has_value() == (key.n != 0),
          "what a message brought has n = 0, and nothing else has");
  return version;
}

}  // namespace

void write_refused(
    const core::RefusedPeriods& refused,
    const std::function<capnp::List<schema::RefusedPeriods>::Builder(unsigned)>& init) {
  unsigned count = 0;
  for (const auto periods : refused.by_code) count += periods != 0;
  if (count == 0) return;
  auto list = init(count);
  unsigned n = 0;
  for (std::size_t code = 0; code < refused.by_code.size(); ++code) {
    if (refused.by_code[code] == 0) continue;
    list[n].setCode(code_numbers[code]);
    list[n++].setPeriods(refused.by_code[code]);
  }
}

core::RefusedPeriods read_refused(capnp::List<schema::RefusedPeriods>::Reader list) {
  core::RefusedPeriods refused;
  for (const auto one : list) {
    const auto* const code =
        std::find(std::begin(code_numbers), std::end(code_numbers), one.getCode());
    require(code != std::end(code_numbers), "a code of a refusal is none");
    const auto periods = one.getPeriods();
    require(periods != 0 && (periods & ~all_periods_mask) == 0 && (periods & refused.all()) == 0,
            "the half hours of a refusal do not hold");
    refused.by_code[static_cast<std::size_t>(code - std::begin(code_numbers))] = periods;
  }
  return refused;
}

std::string version_record(const StoredVersion& version) {
  storage::RecordBuilder<schema::VersionRecord> record;
  record->setMpan(version.key.mpan.number());
  record->setUtcDay(version.key.day.value);
  record->setQuantity(static_cast<std::uint8_t>(version.key.quantity));
  write_values(version.values, *record);
  write_refused(version.refused, [&](unsigned n) { return record->initRefused(n); });
  auto judgements = record->initJudgements(static_cast<unsigned>(version.judgements.size()));
  for (unsigned i = 0; i < judgements.size(); ++i) {
    judgements[i].setPosition(version.judgements[i].position.number());
    judgements[i].setN(version.judgements[i].n);
    write_refused(version.judgements[i].refused,
                  [&](unsigned n) { return judgements[i].initRefused(n); });
  }
  write_origin(version, *record);
  return record.bytes();
}

tl::expected<StoredVersion, Error> read_version(const VersionKey& key, std::string_view bytes,
                                                const std::string& where) {
  const auto place = [&] {
    return where + " consumption " + storage::printable_key(version_key(key));
  };
  if (!is_plain_version(bytes))
    return storage::read_record<schema::VersionRecord>(
        bytes, place, [&](auto record) { return read_record_version(key, record); });
  StoredVersion version{key, {}, {}, {}, {}};
  storage::FieldChecker check("consumption key");
  check.mpan("mpan", key.mpan.number());
  const auto quality = read_plain_version(key, bytes, version.values.energy_wh);
  if (!check.ok() || !quality)
    return tl::unexpected(Error{
        Errc::damaged,
        place() + ": " +
            (check.ok() ? "the check sum, a value or the key does not hold" : check.error().text)});
  version.values.quality.fill(*quality);
  version.values.present = all_periods_mask;
  return version;
}

}  // namespace hhgrid::actors
