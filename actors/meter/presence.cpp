#include "actors/meter/presence.hpp"

#include "actors/host/message_codec.hpp"
#include "actors/meter/bitmap_record.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors {

using core::MeasurementQuantity;
using storage::Error;
using storage::Family;

namespace {

std::string complete_key(const Presence::Key& key) {
  return complete_table.key().day(key.day.value).u8(static_cast<std::uint8_t>(key.quantity)).str();
}

/// The day and the quantity, of both tables.
Presence::Key read_key(storage::KeyReader& key) {
  const core::UtcDay day{key.day()};
  return {day,
          read_enumeration<MeasurementQuantity>("quantity", key.u8(), storage::quantity_count)};
}

}  // namespace

std::string partial_key(const Presence::Key& key, std::uint32_t meter) {
  return partial_table.key()
      .day(key.day.value)
      .u8(static_cast<std::uint8_t>(key.quantity))
      .u32(meter)
      .str();
}

const Presence::Day* Presence::find(const Key& key) const {
  if (last_ != nullptr && last_key_ == key) return last_;
  const auto it = days_.find(key);
  if (it == days_.end()) return nullptr;
  last_key_ = key;
  last_ = &it->second;  // a map's nodes stay where they are
  return last_;
}

Presence::Day& Presence::day(const Key& key) {
  if (const Day* known = find(key)) return const_cast<Day&>(*known);
  return days_[key];
}

PeriodMasks Presence::masks(const Key& key, std::uint32_t meter) const {
  const Day* d = find(key);
  if (d == nullptr) return {};
  if (d->complete.contains(meter)) return {all_periods_mask, 0};
  if (d->partial.empty()) return {};
  const auto it = d->partial.find(meter);
  return it == d->partial.end() ? PeriodMasks() : it->second;
}

void Presence::set(const Key& key, std::uint32_t meter, const PeriodMasks& masks,
                   core::Instant received_at) {
  Day& d = day(key);
  const bool whole = masks.counting == all_periods_mask;
  if (whole)
    d.complete.add(meter);
  else
    d.complete.remove(meter);
  if (!whole && masks.stored() != 0) {
    d.partial[meter] = masks;
    dirty_partials_.emplace(key, meter);
  } else if (!d.partial.empty() && d.partial.erase(meter) > 0) {
    dirty_partials_.emplace(key, meter);
  }
  touch(key, d, received_at);
}

void Presence::touch(const Key& key, Day& d, core::Instant received_at) {
  d.newest = std::max(d.newest, received_at);
  if (dirty_days_.empty() || *dirty_days_.begin() != key) dirty_days_.insert(key);
}

Roaring Presence::with_values(const Key& key) const {
  const Day* d = find(key);
  if (d == nullptr) return {};
  Roaring meters = d->complete;
  for (const auto& [meter, masks] : d->partial)
    if (masks.counting != 0) meters.add(meter);
  return meters;
}

const Roaring* Presence::complete(const Key& key) const {
  const Day* d = find(key);
  return d == nullptr ? nullptr : &d->complete;
}

core::Instant Presence::newest(const Key& key) const {
  const Day* d = find(key);
  return d == nullptr ? core::Instant{std::numeric_limits<std::int64_t>::min()} : d->newest;
}

std::vector<Presence::Key> Presence::keys() const {
  std::vector<Key> keys;
  for (const auto& [key, d] : days_) keys.push_back(key);
  return keys;
}

void Presence::write(storage::Commit& commit) {
  for (const auto& key : dirty_days_) {
    Day& d = days_.at(key);
    storage::RecordBuilder<schema::PresenceRecord> record;
    record->setNewestReceivedAt(d.newest.milliseconds);
    record->setCompleteMeters(to_array(d.complete));
    commit.put(Family::presence, complete_key(key), record.bytes());
  }
  for (const auto& [key, meter] : dirty_partials_) {
    const auto& partial = days_.at(key).partial;
    const auto it = partial.find(meter);
    if (it == partial.end()) {
      commit.erase(Family::presence, partial_key(key, meter));
      continue;
    }
    storage::RecordBuilder<schema::PartialRecord> record;
    record->setPresent(it->second.counting);
    record->setRefused(it->second.refused);
    commit.put(Family::presence, partial_key(key, meter), record.bytes());
  }
  dirty_days_.clear();
  dirty_partials_.clear();
}

tl::expected<void, Error> Presence::load(const storage::Store& store) {
  auto read = complete_table.each(store, [&](storage::KeyReader& key, auto record) {
    auto& d = days_[read_key(key)];
    d.newest.milliseconds = record.getNewestReceivedAt();
    d.complete = from_bytes(record.getCompleteMeters());
  });
  if (!read) return read;
  return partial_table.each(store, [&](storage::KeyReader& key, auto record) {
    auto& d = days_[read_key(key)];
    d.partial[key.u32()] = {record.getPresent(), record.getRefused()};
  });
}

std::size_t Presence::memory_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [key, d] : days_)
    bytes += sizeof d + d.complete.getSizeInBytes() +
             d.partial.capacity() * (sizeof(std::pair<std::uint32_t, PeriodMasks>) + 1);
  return bytes;
}

}  // namespace hhgrid::actors
