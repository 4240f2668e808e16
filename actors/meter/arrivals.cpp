#include "actors/meter/arrivals.hpp"

#include <algorithm>
#include <stdexcept>

#include "actors/host/fold.hpp"
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

/// Each number stands there once, or they are counted as more than they are: `write` notes versions
/// in key order.
ArrivalNote::Meters noted(const std::vector<std::uint32_t>& numbers, std::uint32_t meter_count) {
  ArrivalNote::Meters meters{static_cast<std::uint32_t>(numbers.size()), {}};
  if (numbers.size() <= arrivals_noted_max(meter_count))
    meters.numbers.addMany(numbers.size(), numbers.data());
  return meters;
}

/// A meter that is not noted yet.
void add(ArrivalNote::Meters& meters, std::uint32_t meter) {
  if (!meters.many()) meters.numbers.add(meter);
  meters.count =
      meters.many() ? meters.count + 1 : static_cast<std::uint32_t>(meters.numbers.cardinality());
}

void merge(const ArrivalNote::Meters& from, LaterArrivals::Meters& to) {
  to.many |= from.many();
  to.numbers |= from.numbers;
}

void merge(const ArrivalNote& from, LaterArrivals& to) {
  merge(from.registered, to.registered);
  for (const auto& [key, meters] : from.days) merge(meters, to.days[key]);
}

ArrivalNote::Meters read_meters(schema::ArrivalsRecord::Meters::Reader record) {
  ArrivalNote::Meters meters{record.getCount(), {}};
  if (record.getNumbers().size() == 0) return meters;
  meters.numbers = from_bytes(record.getNumbers());
  if (meters.numbers.cardinality() != meters.count)
    throw std::runtime_error("its meters are not as many as it says");
  return meters;
}

void write_meters(const ArrivalNote::Meters& meters,
                  schema::ArrivalsRecord::Meters::Builder record) {
  record.setCount(meters.count);
  if (meters.numbers.isEmpty()) return;
  Roaring numbers = meters.numbers;
  record.setNumbers(to_array(numbers));
}

std::string note_record(const ArrivalNote& note) {
  storage::RecordBuilder<schema::ArrivalsRecord> record;
  auto list = record->initDays(static_cast<unsigned>(note.days.size()));
  unsigned i = 0;
  for (const auto& [key, meters] : note.days) {
    list[i].setUtcDay(key.day.value);
    list[i].setQuantity(static_cast<std::uint8_t>(key.quantity));
    write_meters(meters, list[i++].initMeters());
  }
  write_meters(note.registered, record->initRegistered());
  return record.bytes();
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

ArrivalNote& Arrivals::changed(const Block& block, const storage::Store& store) {
  if (const auto known = changed_.find(block); known != changed_.end()) return known->second;
  const std::string key = arrivals_key(block.received_at, block.number);
  auto note = arrivals_table.get(store, key, read_note);
  if (!note) throw_read_error(note.error());
  if (!*note)
    throw_read_error(
        {storage::Errc::damaged, store.path().string() + " arrival " + storage::printable_key(key) +
                                     ": is missing, while there are repeats of its block"});
  return changed_.emplace(block, std::move(**note)).first->second;
}

void Arrivals::version_in(const Block& block, const Presence::Key& key, std::uint32_t meter,
                          const storage::Store& store) {
  add(changed(block, store).days[key], meter);
}

void Arrivals::registered_in(const Block& block, std::uint32_t meter, const storage::Store& store) {
  add(changed(block, store).registered, meter);
}

ArrivalNote Arrivals::note(std::uint32_t meter_count) {
  ArrivalNote note;
  for (auto& [day, quantities] : days_)
    for (std::size_t q = 0; q < quantities.size(); ++q)
      if (!quantities[q].empty())
        note.days.emplace(Presence::Key{day, static_cast<MeasurementQuantity>(q)},
                          noted(quantities[q], meter_count));
  sort(registered_);
  note.registered = noted(registered_, meter_count);
  return note;
}

void Arrivals::add_block(core::Instant cutoff, core::Instant received_at,
                         storage::BlockNumber block, std::uint32_t meter_count,
                         const ShapeSumsByDay& shapes, LaterArrivals& later) {
  for (const auto& [earlier, note] : changed_)
    if (earlier.received_at > cutoff) merge(note, later);
  if (cutoff < received_at && !is_empty()) {
    later.blocks->insert(block);
    merge(note(meter_count), later);
    for (const auto& [day, groups] : shapes) add_to(later.shapes[day], groups);
  } else if (!later.empty()) {
    for (const auto& [day, quantities] : days_) later.crossed.insert(day);
    later.all_crossed |= !registered_.empty();
  }
  forget_versions();
}

void Arrivals::forget_versions() {
  days_.clear();
  last_ = {{}, nullptr};
}

void Arrivals::write(core::Instant received_at, storage::BlockNumber block,
                     std::uint32_t meter_count, const ShapeSumsByDay& shapes,
                     storage::Commit& commit) {
  for (const auto& [earlier, note] : changed_)
    commit.put(storage::Family::arrival, arrivals_key(earlier.received_at, earlier.number),
               note_record(note));
  changed_.clear();
  if (is_empty()) return;
  order_.add(received_at);
  write_shape_changes(received_at, block, shapes, commit);
  commit.put(storage::Family::arrival, arrivals_key(received_at, block),
             note_record(note(meter_count)));
  forget_versions();
  registered_.clear();
  repeats_ = false;
}

std::string arrivals_key(core::Instant received_at, storage::BlockNumber block) {
  return arrivals_table.key().u64(instant_in_key(received_at)).u64(block).str();
}

ArrivalNote read_note(schema::ArrivalsRecord::Reader record) {
  ArrivalNote note;
  note.registered = read_meters(record.getRegistered());
  for (const auto day : record.getDays()) {
    if (day.getQuantity() >= storage::quantity_count)
      throw std::runtime_error("a quantity is none");
    note.days.emplace(Presence::Key{core::UtcDay{day.getUtcDay()},
                                    static_cast<MeasurementQuantity>(day.getQuantity())},
                      read_meters(day.getMeters()));
  }
  return note;
}

tl::expected<LaterArrivals, storage::Error> Arrivals::read_later(
    const storage::Store& store, core::Instant cutoff, const ShapeDays& shape_days) const {
  LaterArrivals later;
  const auto from = arrivals_key({cutoff.milliseconds + 1}, 0);
  const auto read =
      arrivals_table.each_from(store, from, [&](storage::KeyReader& key, auto record) {
        key.u64();
        later.blocks->insert(key.u64());
        merge(read_note(record), later);
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
