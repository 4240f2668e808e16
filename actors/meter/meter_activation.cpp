#include <fmt/format.h>

#include "actors/meter/meter_fold.hpp"

namespace hhgrid::actors {

using storage::Errc;
using storage::Error;
using storage::Family;

MeterFold::Resident& MeterFold::activate(std::uint64_t mpan) {
  if (Resident* const resident = meters_.find(mpan)) {
    resident->state.recently_used = true;
    return *resident;
  }
  auto stored = stored_meter(mpan);
  const bool known = stored.has_value();
  if (known) {
    ++counts_.activations;
  } else {
    stored.emplace().number = meter_count_++;
    mpans_.push_back(mpan);
  }
  resident_bytes_ += stored->memory_bytes();
  Resident& resident = meters_.add(mpan, std::move(*stored));
  if (!known) mark_dirty(resident);
  return resident;
}

const MeterState& MeterFold::peek(std::uint64_t mpan, MeterState& scratch) {
  if (const Resident* const resident = meters_.find(mpan)) return resident->state;
  auto stored = stored_meter(mpan);
  if (!stored)
    throw_read_error({Errc::damaged, fmt::format("{}: there is no record of meter/{:013}",
                                                 store().path().string(), mpan)});
  scratch = std::move(*stored);
  return scratch;
}

std::optional<MeterState> MeterFold::stored_meter(std::uint64_t mpan) const {
  const auto bytes = store().get(Family::actor, meter_key(core::Mpan::from_number(mpan)));
  if (!bytes) throw_read_error(bytes.error());
  if (!*bytes) return std::nullopt;
  auto meter = read_meter(mpan, **bytes);
  if (!meter) throw_read_error(meter.error());
  return std::move(*meter);
}

tl::expected<MeterState, Error> MeterFold::read_meter(std::uint64_t mpan,
                                                      std::string_view bytes) const {
  const auto where = [&] { return fmt::format("{} meter/{}", store().path().string(), mpan); };
  auto meter = read_meter_record(bytes, where);
  if (!meter) return meter;
  const auto damaged = [&](std::string_view what, std::uint64_t value, std::uint64_t count) {
    return tl::unexpected(
        Error{Errc::damaged, fmt::format("{}: {} {} of {}", where(), what, value, count)});
  };
  if (meter->number >= meter_count_) return damaged("number", meter->number, meter_count_);
  for (const auto& registration : meter->registrations)
    if (registration.terms >= terms_.size())
      return damaged("terms", registration.terms, terms_.size());
  return meter;
}

void MeterFold::mark_dirty(Resident& meter) {
  if (meter.dirty) return;
  meter.dirty = true;
  dirty_meters_.push_back(meter.mpan);
}

void MeterFold::passivate() {
  // Second chance: who was used since the last sweep stays, unless that frees too little.
  const std::size_t target = options_.resident_bytes_max / 2;
  for (int sweep = 0; sweep < 2 && resident_bytes_ > target; ++sweep)
    meters_.sweep([&](Resident& meter) {
      if (resident_bytes_ <= target || std::exchange(meter.state.recently_used, false))
        return false;
      resident_bytes_ -= meter.state.memory_bytes();
      ++counts_.passivations;
      return true;
    });
}

}  // namespace hhgrid::actors
