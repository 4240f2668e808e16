#include "tests/actors/meter/lone_meter.hpp"

#include <algorithm>
#include <iterator>

#include "actors/meter/plain_version.hpp"
#include "actors/meter/versions.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors::test {
namespace {

const core::SettlementCalendar& calendar() {
  static const auto london = core::SettlementCalendar::europe_london();
  return london;
}

StoredVersion read(const NewVersion& version) {
  if (!version.record.empty()) return read_version(version.key, version.record, "test").value();
  std::array<char, plain_version_bytes_max> bytes;
  const auto size = write_plain_version(version.key, version.quality, version.packed, bytes.data());
  return read_version(version.key, {bytes.data(), size}, "test").value();
}

}  // namespace

TermsId LoneMeter::add_terms(const core::Terms& terms) {
  terms_.push_back(terms);
  return static_cast<TermsId>(terms_.size() - 1);
}

void LoneMeter::set_maximum(const core::MaximumEnergy& maximum) {
  maxima_.emplace_back(storage::Position(received_.size() + 1, 0), maximum);
}

MeterDay LoneMeter::counting(core::UtcDay day, core::MeasurementQuantity quantity) const {
  const auto found = versions_.find({day, quantity});
  return found == versions_.end() ? MeterDay() : counting_day(found->second);
}

PeriodMasks LoneMeter::masks_of(core::UtcDay day, core::MeasurementQuantity quantity) const {
  const auto found = masks_.find({day, quantity});
  return found == masks_.end() ? PeriodMasks() : found->second;
}

std::vector<StoredVersion> LoneMeter::stored(core::UtcDay day) const {
  std::vector<StoredVersion> all;
  for (const auto& [key, versions] : versions_)
    if (key.day == day) all.insert(all.end(), versions.begin(), versions.end());
  return all;
}

void LoneMeter::take_effects() {
  for (const auto& version : effects_.versions) {
    auto& all = versions_[{version.key.day, version.key.quantity}];
    const auto after = std::find_if(all.begin(), all.end(),
                                    [&](const auto& other) { return version.key < other.key; });
    all.insert(after, read(version));
  }
  for (const auto& [subject, repeat] : effects_.repeats)
    repeats_[repeats_key(subject).str()].push_back(repeat);
  for (const auto& [subject, repeat] : effects_.repeats_made_versions)
    std::erase(repeats_[repeats_key(subject).str()], repeat);
  for (const auto& movement : effects_.movements) take(movement);
  for (const auto& change : effects_.presence) masks_[change.key] = change.masks;
  for (const auto& [version, before, refused] : effects_.refusals) {
    if (refused.none())
      refusals_.erase(version);
    else
      refusals_[version] = refused;
  }
  if (effects_.state) state_ = *effects_.state;
}

void LoneMeter::take(const LedgerMovement& movement) {
  const MeterDay& values = *effects_.values.at(movement.values).day;
  for (int i = 0; i < movement.span.count; ++i) {
    const auto utc = static_cast<std::size_t>(movement.span.first_utc_period - 1 + i);
    if ((movement.periods >> utc & 1) == 0) continue;
    const auto key = std::tuple(movement.span.day, movement.terms, movement.quantity,
                                movement.span.first_settlement_period + i);
    if ((volumes_[key] += movement.sign * values.energy_wh[utc]) == 0) volumes_.erase(key);
    counted_ += movement.sign;
  }
}

// -- ports --------------------------------------------------------------------------------------

std::span<const core::UtcDaySpan> LoneMeter::spans(core::UtcDay day) {
  spans_ = calendar().spans_of(day);
  return spans_;
}

const core::MaximumEnergy* LoneMeter::maximum(storage::Position position) {
  const core::MaximumEnergy* maximum = nullptr;
  for (const auto& [from, limits] : maxima_)
    if (from <= position) maximum = &limits;
  return maximum;
}

core::Instant LoneMeter::newest(const Presence::Key& key) {
  core::Instant newest{std::numeric_limits<std::int64_t>::min()};
  for (const auto& version : versions_[key])
    newest = std::max(newest, received_at(version.key.position));
  return newest;
}

std::span<const Repeat> LoneMeter::repeats(const RepeatSubject& subject, RepeatsOf whom) {
  const auto& all = repeats_[repeats_key(subject).str()];
  if (whom == RepeatsOf::all) return all;
  of_delivery_.clear();
  std::copy_if(all.begin(), all.end(), std::back_inserter(of_delivery_),
               [&](const Repeat& repeat) { return of_one_delivery(repeat.position, position()); });
  return of_delivery_;
}

PeriodMasks LoneMeter::masks(const Presence::Key& key) {
  const auto found = masks_.find(key);
  return found == masks_.end() ? PeriodMasks() : found->second;
}

std::span<const Presence::Key> LoneMeter::days() {
  days_.clear();
  for (const auto& [key, masks] : masks_)
    if (masks.stored() != 0) days_.push_back(key);
  return days_;
}

std::span<const StoredVersion> LoneMeter::versions(const Presence::Key& key) {
  return versions_[key];
}

}  // namespace hhgrid::actors::test
