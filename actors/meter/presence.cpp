#include "actors/meter/presence.hpp"

#include "storage/store/key.hpp"
#include "storage/wire/entry_fields.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using core::MeasurementQuantity;
using storage::Errc;
using storage::Error;
using storage::Family;
using storage::KeyReader;
using storage::KeyWriter;

namespace {

std::string complete_key(const Presence::Key& key) {
  return KeyWriter().tag('c').day(key.day.value).u8(static_cast<std::uint8_t>(key.quantity)).str();
}
std::string partial_key(const Presence::Key& key, std::uint32_t meter) {
  return KeyWriter()
      .tag('p')
      .day(key.day.value)
      .u8(static_cast<std::uint8_t>(key.quantity))
      .u32(meter)
      .str();
}

kj::Array<kj::byte> to_array(Roaring& bitmap) {
  bitmap.runOptimize();
  auto bytes = kj::heapArray<kj::byte>(bitmap.getSizeInBytes());
  bitmap.write(reinterpret_cast<char*>(bytes.begin()));
  return bytes;
}

Roaring from_bytes(capnp::Data::Reader bytes) {
  return Roaring::readSafe(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
}

}  // namespace

// -- presence -----------------------------------------------------------------------------------

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

std::uint64_t Presence::mask(const Key& key, std::uint32_t meter) const {
  const Day* d = find(key);
  if (d == nullptr) return 0;
  if (d->complete.contains(meter)) return all_periods_mask;
  if (d->partial.empty()) return 0;
  const auto it = d->partial.find(meter);
  return it == d->partial.end() ? 0 : it->second;
}

void Presence::add(const Key& key, std::uint32_t meter, std::uint64_t periods,
                   core::Instant received_at) {
  Day& d = day(key);
  if (periods == all_periods_mask && d.partial.empty()) {
    d.complete.add(meter);
  } else if (!d.complete.contains(meter)) {
    auto& mask = d.partial[meter];
    mask |= periods;
    dirty_partials_.emplace(key, meter);
    if (mask == all_periods_mask) {
      d.partial.erase(meter);
      d.complete.add(meter);
    }
  }
  touch(key, received_at);
}

void Presence::touch(const Key& key, core::Instant received_at) {
  Day& d = day(key);
  d.newest = std::max(d.newest, received_at);
  if (dirty_days_.empty() || *dirty_days_.begin() != key) dirty_days_.insert(key);
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
    record->setPresent(it->second);
    commit.put(Family::presence, partial_key(key, meter), record.bytes());
  }
  dirty_days_.clear();
  dirty_partials_.clear();
}

tl::expected<void, Error> Presence::load(const storage::Store& store) {
  std::optional<Error> failure;
  auto scanned =
      store.scan(Family::presence, "c", "q", [&](std::string_view bytes, std::string_view value) {
        const auto where = [&] {
          return store.path().string() + " presence " + storage::printable_key(bytes);
        };
        KeyReader reader(bytes.substr(1));
        Key key;
        key.day.value = reader.day();
        const auto quantity = reader.u8();
        if (quantity >= storage::quantity_count)
          return failure = Error{Errc::damaged,
                                 where() + ": there is no quantity " + std::to_string(quantity)},
                 false;
        key.quantity = static_cast<MeasurementQuantity>(quantity);
        if (bytes.front() == 'c') {
          auto read = storage::read_record<schema::PresenceRecord>(value, where, [&](auto record) {
            auto& d = days_[key];
            d.newest.milliseconds = record.getNewestReceivedAt();
            d.complete = from_bytes(record.getCompleteMeters());
            return true;
          });
          if (!read) failure = read.error();
        } else if (bytes.front() == 'p') {
          const std::uint32_t meter = reader.u32();
          auto read = storage::read_record<schema::PartialRecord>(value, where, [&](auto record) {
            days_[key].partial[meter] = record.getPresent();
            return true;
          });
          if (!read) failure = read.error();
        } else {
          return true;
        }
        if (!failure && !reader.complete()) failure = Error{Errc::damaged, where() + ": bad key"};
        return !failure;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  return {};
}

std::size_t Presence::memory_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [key, d] : days_)
    bytes += sizeof d + d.complete.getSizeInBytes() + d.partial.capacity() * 17;
  return bytes;
}

// -- population ---------------------------------------------------------------------------------

void Population::change(std::uint32_t meter, std::uint32_t terms, bool energised,
                        core::Direction direction, core::SettlementDay from, core::SettlementDay to,
                        int sign) {
  const auto edge = [&](core::SettlementDay day, int step) {
    counts_[{terms, day}] += step;
    dirty_counts_.insert({terms, day});
    if (!energised) return;
    auto& toggled = toggles_[{direction, day}];
    if (!toggled.addChecked(meter)) toggled.remove(meter);
    dirty_toggles_.insert({direction, day});
  };
  edge(from, sign);
  if (to != core::open_ended) edge(to + 1, -sign);
}

Roaring Population::expected(core::Direction direction, core::SettlementDay day) const {
  Roaring meters;
  for (const auto& [key, toggled] : toggles_)
    if (key.first == direction && key.second <= day) meters ^= toggled;
  return meters;
}

std::map<std::uint32_t, std::uint32_t> Population::registered(core::SettlementDay day) const {
  std::map<std::uint32_t, std::int64_t> sums;
  for (const auto& [key, change] : counts_)
    if (key.second <= day) sums[key.first] += change;
  std::map<std::uint32_t, std::uint32_t> registered;
  for (const auto& [terms, n] : sums)
    if (n > 0) registered.emplace(terms, static_cast<std::uint32_t>(n));
  return registered;
}

void Population::write(storage::Commit& commit) {
  for (const auto& key : dirty_toggles_) {
    storage::RecordBuilder<schema::PopulationRecord> record;
    record->setToggled(to_array(toggles_.at(key)));
    commit.put(Family::presence,
               KeyWriter().tag('t').u8(static_cast<std::uint8_t>(key.first)).day(key.second.value),
               record.bytes());
  }
  for (const auto& key : dirty_counts_) {
    storage::RecordBuilder<schema::PopulationCountRecord> record;
    record->setChange(counts_.at(key));
    commit.put(Family::presence, KeyWriter().tag('r').u32(key.first).day(key.second.value),
               record.bytes());
  }
  dirty_toggles_.clear();
  dirty_counts_.clear();
}

tl::expected<void, Error> Population::load(const storage::Store& store) {
  std::optional<Error> failure;
  auto scanned =
      store.scan(Family::presence, "r", "u", [&](std::string_view bytes, std::string_view value) {
        const auto where = [&] {
          return store.path().string() + " presence " + storage::printable_key(bytes);
        };
        KeyReader reader(bytes.substr(1));
        if (bytes.front() == 't') {
          const auto direction = static_cast<core::Direction>(reader.u8());
          const core::SettlementDay day{reader.day()};
          auto read = storage::read_record<schema::PopulationRecord>(
              value, where, [](auto record) { return from_bytes(record.getToggled()); });
          if (read)
            toggles_[{direction, day}] = std::move(*read);
          else
            failure = read.error();
        } else {
          const std::uint32_t terms = reader.u32();
          const core::SettlementDay day{reader.day()};
          auto read = storage::read_record<schema::PopulationCountRecord>(
              value, where, [](auto record) { return record.getChange(); });
          if (read)
            counts_[{terms, day}] = *read;
          else
            failure = read.error();
        }
        if (!failure && !reader.complete()) failure = Error{Errc::damaged, where() + ": bad key"};
        return !failure;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  return {};
}

}  // namespace hhgrid::actors
