#include "actors/meter/meter_table.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/assertion.hpp"
#include "storage/store/key.hpp"

namespace hhgrid::actors {

using storage::Errc;
using storage::Error;
using storage::Family;

// -- activation ---------------------------------------------------------------------------------

MeterTable::Resident& MeterTable::activate(std::uint64_t mpan) {
  if (Resident* const resident = resident_.find(mpan)) {
    resident->state.recently_used = true;
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

const MeterState& MeterTable::peek(std::uint64_t mpan, MeterState& scratch) const {
  if (const Resident* const resident = resident_.find(mpan)) return resident->state;
  auto state = stored(mpan);
  if (!state)
    throw_read_error({Errc::damaged, fmt::format("{}: there is no record of meter/{:013}",
                                                 store_.path().string(), mpan)});
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
      if (resident_bytes_ <= target || std::exchange(meter.state.recently_used, false))
        return false;
      resident_bytes_ -= meter.state.memory_bytes();
      ++passivations_;
      return true;
    });
}

std::size_t MeterTable::memory_bytes() const {
  return resident_bytes_ + resident_.overhead_bytes() + mpans_.capacity() * sizeof(std::uint64_t);
}

// -- records ------------------------------------------------------------------------------------

std::optional<MeterState> MeterTable::stored(std::uint64_t mpan) const {
  const auto bytes = store_.get(Family::actor, meter_key(core::Mpan::from_number(mpan)));
  if (!bytes) throw_read_error(bytes.error());
  if (!*bytes) return std::nullopt;
  auto meter = read(mpan, **bytes);
  if (!meter) throw_read_error(meter.error());
  return std::move(*meter);
}

tl::expected<MeterState, Error> MeterTable::read(std::uint64_t mpan, std::string_view bytes) const {
  const auto where = [&] { return fmt::format("{} meter/{}", store_.path().string(), mpan); };
  auto meter = read_meter_record(bytes, where);
  if (!meter) return meter;
  const auto damaged = [&](std::string_view what, std::uint64_t value, std::uint64_t count) {
    return tl::unexpected(
        Error{Errc::damaged, fmt::format("{}: {} {} of {}", where(), what, value, count)});
  };
  if (meter->number >= count_) return damaged("number", meter->number, count_);
  for (const auto& registration : meter->registrations)
    if (registration.terms >= terms_.size())
      return damaged("terms", registration.terms, terms_.size());
  return meter;
}

tl::expected<void, Error> MeterTable::load() {
  const std::string where = store_.path().string();
  mpans_.assign(count_, 0);
  std::optional<Error> failure;
  auto scanned = store_.scan_prefix(
      Family::actor, meter_key_prefix, [&](std::string_view key, std::string_view value) {
        storage::KeyReader reader(key.substr(1));
        const std::uint64_t mpan = reader.u64();
        auto meter = read(mpan, value);
        if (!meter) return failure = meter.error(), false;
        if (!reader.complete())
          return failure = Error{Errc::damaged, fmt::format("{} meter/{}: bad key {}", where, mpan,
                                                            storage::printable_key(key))},
                 false;
        mpans_[meter->number] = mpan;
        if (resident_bytes_ < resident_bytes_max_) {
          resident_bytes_ += meter->memory_bytes();
          resident_.add(mpan, std::move(*meter));
        }
        return true;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  return {};
}

void MeterTable::write(storage::Commit& commit) {
  std::sort(dirty_.begin(), dirty_.end());
  for (const auto mpan : dirty_) {
    Resident* const meter = resident_.find(mpan);
    HHGRID_ASSERT(meter, mpan);
    meter->dirty = false;
    commit.put(Family::actor, meter_key(core::Mpan::from_number(mpan)), meter_record(meter->state));
  }
  dirty_.clear();
}

}  // namespace hhgrid::actors
