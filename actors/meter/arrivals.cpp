#include "actors/meter/arrivals.hpp"

#include <algorithm>
#include <stdexcept>

#include "actors/meter/bitmap_record.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors {
namespace {

using core::MeasurementQuantity;

/// Reading a meter-day by itself takes about as long as reading so many in a row.
constexpr std::uint32_t scanned_for_one = 32;
/// So few are always noted: in a small grid too.
constexpr std::uint32_t always_noted = 1024;

void sort(std::vector<std::uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

void add(const std::vector<std::uint32_t>& numbers, std::uint32_t meter_count,
         LaterArrivals::Meters& to) {
  if (numbers.size() > arrivals_noted_max(meter_count)) to.many = true;
  if (!to.many) to.numbers.addMany(numbers.size(), numbers.data());
}

void write_arrived(std::vector<std::uint32_t>& numbers, std::uint32_t meter_count,
                   schema::ArrivalsRecord::Meters::Builder out) {
  sort(numbers);
  out.setCount(static_cast<std::uint32_t>(numbers.size()));
  if (numbers.empty() || numbers.size() > arrivals_noted_max(meter_count)) return;
  Roaring bitmap(numbers.size(), numbers.data());
  out.setNumbers(to_array(bitmap));
}

}  // namespace

void ArrivalOrder::add(core::Instant received_at) {
  if (received_at < newest)
    lag_max = std::max(lag_max, newest.milliseconds - received_at.milliseconds);
  newest = std::max(newest, received_at);
}

void write_order(const ArrivalOrder& order, schema::MetaRecord::Builder meta) {
  meta.setNewestArrival(order.newest.milliseconds);
  meta.setArrivalLagMax(order.lag_max);
}

ArrivalOrder read_order(schema::MetaRecord::Reader meta) {
  return {{meta.getNewestArrival()}, meta.getArrivalLagMax()};
}

std::uint32_t arrivals_noted_max(std::uint32_t meter_count) {
  return std::max(always_noted, meter_count / scanned_for_one);
}

bool LaterArrivals::many_of(core::UtcDay day) const {
  for (auto it = days.lower_bound({day, {}}); it != days.end() && it->first.day == day; ++it)
    if (it->second.many) return true;
  return false;
}

void Arrivals::version(const Presence::Key& key, std::uint32_t meter) {
  if (last_.second == nullptr || last_.first != key.day) last_ = {key.day, &days_[key.day]};
  Numbers& numbers = (*last_.second)[static_cast<std::size_t>(key.quantity)];
  // Several versions of a meter-day come one after the other.
  if (numbers.empty() || numbers.back() != meter) numbers.push_back(meter);
}

void Arrivals::add_block(core::Instant cutoff, core::Instant received_at,
                         storage::BlockNumber block, std::uint32_t meter_count,
                         const ShapeSumsByDay& shapes, LaterArrivals& later) {
  if (days_.empty() && registered_.empty()) return;
  if (received_at <= cutoff) {
    if (later.empty()) return;
    for (const auto& [day, quantities] : days_) later.crossed.insert(day);
    later.all_crossed |= !registered_.empty();
    return;
  }
  later.blocks->insert(block);
  for (auto& [day, quantities] : days_)
    for (std::size_t q = 0; q < quantities.size(); ++q) {
      if (quantities[q].empty()) continue;
      sort(quantities[q]);
      add(quantities[q], meter_count, later.days[{day, static_cast<MeasurementQuantity>(q)}]);
    }
  sort(registered_);
  add(registered_, meter_count, later.registered);
  for (const auto& [day, groups] : shapes) add_to(later.shapes[day], groups);
}

void Arrivals::write(core::Instant received_at, storage::BlockNumber block,
                     std::uint32_t meter_count, const ShapeSumsByDay& shapes,
                     storage::Commit& commit) {
  if (days_.empty() && registered_.empty()) return;
  order_.add(received_at);
  write_shape_changes(received_at, block, shapes, commit);
  unsigned count = 0;
  for (const auto& [day, quantities] : days_)
    for (const auto& numbers : quantities) count += !numbers.empty();
  storage::RecordBuilder<schema::ArrivalsRecord> record;
  auto list = record->initDays(count);
  unsigned i = 0;
  for (auto& [day, quantities] : days_)
    for (std::size_t q = 0; q < quantities.size(); ++q) {
      if (quantities[q].empty()) continue;
      list[i].setUtcDay(day.value);
      list[i].setQuantity(static_cast<std::uint8_t>(q));
      write_arrived(quantities[q], meter_count, list[i++].initMeters());
    }
  write_arrived(registered_, meter_count, record->initRegistered());
  commit.put(storage::Family::arrival, arrivals_key(received_at, block), record.bytes());
  days_.clear();
  last_ = {{}, nullptr};
  registered_.clear();
}

std::string arrivals_key(core::Instant received_at, storage::BlockNumber block) {
  return arrivals_table.key().u64(instant_in_key(received_at)).u64(block).str();
}

LaterArrivals::Meters read_arrived(schema::ArrivalsRecord::Meters::Reader meters) {
  LaterArrivals::Meters read;
  if (meters.getNumbers().size() == 0) {
    read.many = meters.getCount() > 0;
    return read;
  }
  read.numbers = from_bytes(meters.getNumbers());
  if (read.numbers.cardinality() != meters.getCount())
    throw std::runtime_error("its meters are not as many as it says");
  return read;
}

tl::expected<LaterArrivals, storage::Error> Arrivals::read_later(
    const storage::Store& store, core::Instant cutoff, const ShapeDays& shape_days) const {
  LaterArrivals later;
  const auto merge = [](LaterArrivals::Meters& to, const LaterArrivals::Meters& from) {
    to.many |= from.many;
    to.numbers |= from.numbers;
  };
  const auto from = arrivals_key({cutoff.milliseconds + 1}, 0);
  const auto read =
      arrivals_table.each_from(store, from, [&](storage::KeyReader& key, auto record) {
        key.u64();
        later.blocks->insert(key.u64());
        merge(later.registered, read_arrived(record.getRegistered()));
        for (const auto day : record.getDays()) {
          if (day.getQuantity() >= storage::quantity_count)
            throw std::runtime_error("a quantity is none");
          merge(later.days[{core::UtcDay{day.getUtcDay()},
                            static_cast<MeasurementQuantity>(day.getQuantity())}],
                read_arrived(day.getMeters()));
        }
      });
  if (!read) return tl::unexpected(read.error());
  if (later.empty()) return later;
  auto shapes = later_shape_changes(store, cutoff, shape_days);
  if (!shapes) return tl::unexpected(shapes.error());
  later.shapes = std::move(*shapes);
  if (auto found = find_crossed(store, cutoff, later); !found) return tl::unexpected(found.error());
  return later;
}

/// What was received up to the cut-off, and came after something received later: it was then
/// behind by more than lies between it and the cut-off.
tl::expected<void, storage::Error> Arrivals::find_crossed(const storage::Store& store,
                                                          core::Instant cutoff,
                                                          LaterArrivals& later) const {
  if (order_.lag_max == 0) return {};
  const auto first_later = *std::min_element(later.blocks->begin(), later.blocks->end());
  const auto from = arrivals_key({cutoff.milliseconds + 1 - order_.lag_max}, 0);
  return arrivals_table.each_from(store, from, [&](storage::KeyReader& key, auto record) {
    const core::Instant received_at = instant_of_key(key.u64());
    const storage::BlockNumber block = key.u64();
    if (cutoff < received_at) return false;
    if (block < first_later) return true;
    for (const auto day : record.getDays()) later.crossed.insert({day.getUtcDay()});
    later.all_crossed |= record.getRegistered().getCount() > 0;
    return true;
  });
}

}  // namespace hhgrid::actors
