#include "actors/verify/check_repeats.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/host/repeat.hpp"
#include "actors/meter/arrivals.hpp"
#include "actors/meter/versions.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;
using storage::Position;

[[noreturn]] void refuse_repeat_of_nothing() { refuse_record("repeats what is not there"); }

std::uint64_t parts_of_record(std::string_view value) {
  return checked_record<schema::RepeatRecord>(value, [](auto record) { return record.getParts(); });
}

std::int32_t key_of(const RegistrationVersion& version) { return version.from.value; }
std::int32_t key_of(const AnnualConsumptionVersion& version) { return version.from; }
const RegisterVersion::Key& key_of(const RegisterVersion& version) { return version.key; }

/// What follows the quantity in the key of a register's repeat.
RegisterVersion::Key read_fitted(storage::KeyReader& reader, std::uint8_t quantity) {
  const core::Instant at{static_cast<std::int64_t>(reader.u64())};
  const auto meter_id = core::MeterSerialId::parse(reader.text());
  const auto text = reader.text();
  const auto register_id = text.empty() ? core::RegisterId() : core::RegisterId::parse(text);
  if (!meter_id || !register_id) refuse_record("is no key of this family");
  return {*meter_id, *register_id, static_cast<core::MeasurementQuantity>(quantity), at};
}

/// Whether some version of the key lies before the position, and was not contradicted there.
template <class Versions, class Key>
bool is_said(const Versions& versions, const Key& key, Position before) {
  return std::any_of(versions.begin(), versions.end(), [&](const auto& version) {
    return key_of(version) == key && version.position < before &&
           (!version.is_contradicted() || versions[version.contradicted_by - 1].position > before);
  });
}

}  // namespace

void check_meter_repeat(const Check& check, std::string_view key, std::string_view value,
                        const MetaFacts& meta, const std::optional<ReceivedTimes>& received,
                        CheckedMeters& meters) {
  storage::KeyReader reader(key.substr(repeat_records.tag().size()));
  const auto kind = static_cast<RepeatSubject::Kind>(reader.u8());
  const std::int32_t day = reader.day();
  const auto mpan = core::Mpan::unchecked(reader.u64());
  const std::uint8_t quantity = reader.u8();
  const bool of_register = kind == RepeatSubject::Kind::meter_register;
  const auto fitted = of_register ? read_fitted(reader, quantity) : RegisterVersion::Key();
  const Position position = reader.position();
  if (of_register && day != day_fitted(fitted)) refuse_record("is no key of this family");
  if (!reader.complete() || quantity >= storage::quantity_count ||
      (kind != RepeatSubject::Kind::consumption && !of_register && quantity != 0))
    refuse_record("is no key of this family");
  const auto at = require_block(position, meta, received);
  if (!meters.positions.addChecked(position.number()))
    refuse_record(fmt::format("position {} has another effect too", to_string(position)));
  // A repeat that becomes a version is noted with its block.
  if (at) {
    const auto note = check.view().get(Family::arrival, arrivals_key(*at, position.block()));
    if (note && !*note) refuse_record("its block has no note of arrivals");
  }
  const auto meter = meters.by_mpan.find(mpan);
  if (meter == meters.by_mpan.end()) refuse_record("the meter has no record");
  const std::uint64_t parts = parts_of_record(value);
  switch (kind) {
    case RepeatSubject::Kind::registration:
      if (parts != 0 || !is_said(meter->second.registrations, day, position))
        refuse_repeat_of_nothing();
      return;
    case RepeatSubject::Kind::annual_consumption:
      if (parts != 0 || !is_said(meter->second.annual_consumption, day, position))
        refuse_repeat_of_nothing();
      return;
    case RepeatSubject::Kind::meter_register:
      if (parts != 0 || !is_said(meter->second.registers(), fitted, position))
        refuse_repeat_of_nothing();
      return;
    case RepeatSubject::Kind::consumption: {
      std::vector<StoredVersion> versions;
      const auto read = read_versions(check.view(), core::UtcDay{day}, mpan,
                                      static_cast<core::MeasurementQuantity>(quantity), versions);
      if (!read) return;  // check_days says so
      std::uint64_t said = 0;
      for (const auto& version : versions)
        if (version.key.position < position) said |= version.values.present;
      if (parts == 0 || (parts & ~said) != 0) refuse_repeat_of_nothing();
      return;
    }
  }
  refuse_record("is no key of this family");
}

void check_standing_repeat(const Check& check, std::string_view key, std::string_view value,
                           const MetaFacts& meta, const std::optional<ReceivedTimes>& received,
                           std::set<Position>& positions) {
  const auto split = storage::split_position(key.substr(repeat_records.tag().size()));
  if (!split) refuse_record("is no key of this family");
  const auto [row_key, position] = *split;
  require_block(position, meta, received);
  if (!positions.insert(position).second)
    refuse_record(fmt::format("position {} has another effect too", to_string(position)));
  const std::uint64_t parts = parts_of_record(value);
  bool said = false;
  const auto scanned = check.view().scan_prefix(
      Family::actor, row_key, [&](std::string_view version, std::string_view row) {
        const auto other = storage::split_position(version);
        if (!other) return true;  // check_standing_version says so
        if (other->before != split->before || other->position >= split->position) return true;
        said = parts_of(stored_standing_row(row)) == parts;
        return !said;
      });
  if (!scanned) refuse_record(scanned.error().text);
  if (!said) refuse_repeat_of_nothing();
}

}  // namespace hhgrid::actors
