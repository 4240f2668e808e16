#include <roaring/roaring.hh>

#include <set>

#include "actors/inspection_meter.hpp"
#include "storage/key.hpp"
#include "storage/record.hpp"
#include "storage/schema/record.capnp.h"

namespace hhgrid::actors::inspection {

using core::MeasurementQuantity;
using storage::Error;
using storage::Family;
using storage::KeyReader;
using storage::KeyWriter;

namespace {

struct PresenceDay {
  std::string key;  ///< Of the presence record, less the tag: day and quantity.
  core::UtcDay day;
  MeasurementQuantity quantity;
  bool complete = false;
};

/// Which days have some periods of the meter though not all, by what the presence records say.
class PartialDays {
 public:
  explicit PartialDays(const MeterSight& meter)
      : store_(meter.store), number_(KeyWriter().u32(meter.state.number).str()) {
    int examined = 0;
    need(store_.scan_prefix(Family::presence, "p", [&](std::string_view key, std::string_view) {
      if (++examined > scan_max) return all_known_ = false;
      key.remove_prefix(1);
      if (key.ends_with(number_)) days_.emplace(key.substr(0, key.size() - number_.size()));
      return true;
    }));
  }

  /// When there are few, all are known from one scan; then nothing has to be looked up.
  bool all_known() const { return all_known_; }
  bool has(const PresenceDay& day) const {
    if (all_known_) return days_.contains(day.key);
    return need(store_.get(Family::presence, "p" + day.key + number_)).has_value();
  }

 private:
  static constexpr int scan_max = 1000;

  const View& store_;
  std::string number_;
  bool all_known_ = true;
  std::set<std::string> days_;
};

bool is_complete(std::string_view record, std::uint32_t number, const View& store,
                 std::string_view key) {
  const auto contains = [number](auto day) {
    const auto bytes = day.getCompleteMeters();
    return Roaring::readSafe(reinterpret_cast<const char*>(bytes.begin()), bytes.size())
        .contains(number);
  };
  const auto complete = storage::read_record<schema::PresenceRecord>(record, {}, contains);
  if (complete) return *complete;
  throw ReadFailure(Error{
      complete.error().code,
      store.path().string() + " presence " + storage::printable_key(key) + complete.error().text});
}

/// One small record a day and quantity, whatever the number of meters: no version is read.
std::vector<PresenceDay> presence_days(const MeterSight& meter) {
  std::vector<PresenceDay> days;
  need(meter.store.scan_prefix(
      Family::presence, "c", [&](std::string_view key, std::string_view value) {
        KeyReader reader(key.substr(1));
        const core::UtcDay day{reader.day()};
        const auto quantity = static_cast<MeasurementQuantity>(reader.u8());
        const bool complete = is_complete(value, meter.state.number, meter.store, key);
        days.push_back({std::string(key.substr(1)), day, quantity, complete});
        return true;
      }));
  return days;
}

/// What a meter is likely to have values of: what its registrations say, and what it has whole days
/// of.
std::set<MeasurementQuantity> likely_quantities(MeterSight& meter,
                                                const std::vector<PresenceDay>& days) {
  std::set<MeasurementQuantity> quantities;
  for (const auto& version : meter.state.registrations)
    quantities.insert(quantity_of(meter.terms(version.terms).direction));
  for (const auto& day : days)
    if (day.complete) quantities.insert(day.quantity);
  return quantities;
}

}  // namespace

/// In a partition with very many days that are not complete, those of quantities that the meter is
/// neither registered for nor has a whole day of are left out: looking for them would cost more
/// than everything else.
std::map<MeasurementQuantity, DataDays> data_days(MeterSight& meter) {
  std::map<MeasurementQuantity, DataDays> found;
  const PartialDays partial(meter);
  const auto records = presence_days(meter);
  const auto likely = likely_quantities(meter, records);
  for (const auto& record : records) {
    if (!record.complete) {
      if (!partial.all_known() && !likely.contains(record.quantity)) continue;
      if (!partial.has(record)) continue;
    }
    auto& days = found.try_emplace(record.quantity, DataDays{record.day, record.day}).first->second;
    days.last = record.day;
    ++days.days;
    days.complete += record.complete;
  }
  return found;
}

}  // namespace hhgrid::actors::inspection
