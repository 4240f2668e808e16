#include "actors/meter/population.hpp"

#include "actors/meter/bitmap_record.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using storage::Error;
using storage::Family;

namespace {

constexpr storage::Table<schema::PopulationRecord> toggle_table(Family::presence, "t");
constexpr storage::Table<schema::PopulationCountRecord> count_table(Family::presence, "r");

}  // namespace

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
               toggle_table.key().u8(static_cast<std::uint8_t>(key.first)).day(key.second.value),
               record.bytes());
  }
  for (const auto& key : dirty_counts_) {
    storage::RecordBuilder<schema::PopulationCountRecord> record;
    record->setChange(counts_.at(key));
    commit.put(Family::presence, count_table.key().u32(key.first).day(key.second.value),
               record.bytes());
  }
  dirty_toggles_.clear();
  dirty_counts_.clear();
}

tl::expected<void, Error> Population::load(const storage::Store& store) {
  auto read = toggle_table.each(store, [&](storage::KeyReader& key, auto record) {
    const auto direction = static_cast<core::Direction>(key.u8());
    toggles_[{direction, core::SettlementDay{key.day()}}] = from_bytes(record.getToggled());
  });
  if (!read) return read;
  return count_table.each(store, [&](storage::KeyReader& key, auto record) {
    const std::uint32_t terms = key.u32();
    counts_[{terms, core::SettlementDay{key.day()}}] = record.getChange();
  });
}

}  // namespace hhgrid::actors
