#include "actors/meter/meter_table.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "actors/host/message_codec.hpp"
#include "core/assertion.hpp"
#include "storage/store/key.hpp"

namespace hhgrid::actors {

using storage::Errc;
using storage::Error;
using storage::Family;

// -- activation ---------------------------------------------------------------------------------

MeterTable::Resident& MeterTable::activate(core::Mpan mpan) {
  if (Resident* const resident = resident_.find(mpan)) {
    resident->recently_used = true;
    return *resident;
  }
  auto state = stored(mpan);
  const bool known = state.has_value();
  if (known) {
    ++activations_;
  } else {
    state.emplace().number = count_++;
    mpans_.push_back(mpan);
  }
  resident_bytes_ += state->memory_bytes();
  Resident& resident = resident_.add(mpan, std::move(*state));
  if (!known) mark_dirty(resident);
  return resident;
}

const MeterState& MeterTable::peek(core::Mpan mpan, MeterState& scratch) const {
  if (const Resident* const resident = resident_.find(mpan)) return resident->state;
  auto state = stored(mpan);
  if (!state)
    throw_read_error({Errc::damaged, fmt::format("{}: there is no record of meter/{}",
                                                 store_.path().string(), mpan.to_string())});
  scratch = std::move(*state);
  return scratch;
}

void MeterTable::change(Resident& meter, MeterState state) {
  resident_bytes_ += state.memory_bytes() - meter.state.memory_bytes();
  meter.state = std::move(state);
  mark_dirty(meter);
}

void MeterTable::mark_dirty(Resident& meter) {
  if (meter.dirty) return;
  meter.dirty = true;
  dirty_.push_back(meter.mpan);
}

void MeterTable::passivate() {
  if (resident_bytes_ <= resident_bytes_max_) return;
  // Second chance: who was used since the last sweep stays, unless that frees too little.
  const std::size_t target = resident_bytes_max_ / 2;
  for (int sweep = 0; sweep < 2 && resident_bytes_ > target; ++sweep)
    resident_.sweep([&](Resident& meter) {
      if (resident_bytes_ <= target || std::exchange(meter.recently_used, false)) return false;
      resident_bytes_ -= meter.state.memory_bytes();
      ++passivations_;
      return true;
    });
}

std::size_t MeterTable::memory_bytes() const {
  return resident_bytes_ + resident_.overhead_bytes() + mpans_.capacity() * sizeof(core::Mpan);
}

// -- records ------------------------------------------------------------------------------------

std::optional<MeterState> MeterTable::stored(core::Mpan mpan) const {
  auto meter =
      meter_records.get(store_, meter_key(mpan), [&](auto record) { return read(record); });
  if (!meter) throw_read_error(meter.error());
  return std::move(*meter);
}

MeterState MeterTable::read(schema::MeterRecord::Reader record) const {
  MeterState meter = read_meter(record);
  const auto require = [](std::string_view field, std::uint64_t value, std::uint64_t count) {
    if (value >= count)
      refuse_field(field, std::to_string(value), fmt::format("is not below {}", count));
  };
  require("number", meter.number, count_);
  for (const auto& registration : meter.registrations)
    require("terms", registration.terms, terms_.size());
  return meter;
}

tl::expected<void, Error> MeterTable::load() {
  mpans_.assign(count_, core::Mpan::unchecked(0));
  resident_.reserve(std::min<std::size_t>(count_, resident_bytes_max_ / sizeof(MeterState)));
  // Past the cache, which is for what is asked again: these are resident afterwards.
  return meter_records.each(
      storage::Store::View(store_),
      [&](storage::KeyReader& key, schema::MeterRecord::Reader record) {
        const auto mpan = core::Mpan::from_number(key.u64());
        MeterState meter = read(record);
        mpans_[meter.number] = mpan;
        if (resident_bytes_ >= resident_bytes_max_) return;
        resident_bytes_ += meter.memory_bytes();
        resident_.add(mpan, std::move(meter));
      },
      storage::Store::Caching::pass);
}

void MeterTable::write(storage::Commit& commit) {
  std::sort(dirty_.begin(), dirty_.end());
  for (const auto mpan : dirty_) {
    Resident* const meter = resident_.find(mpan);
    HHGRID_ASSERT(meter, mpan.number());
    meter->dirty = false;
    commit.put(Family::actor, meter_key(mpan), meter_record(meter->state));
  }
  dirty_.clear();
}

}  // namespace hhgrid::actors
