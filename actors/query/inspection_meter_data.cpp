#include "actors/query/inspection_meter_data.hpp"

#include <roaring/roaring.hh>

#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors::inspection {

using core::MeasurementQuantity;
using storage::Error;
using storage::Family;
using storage::KeyReader;

namespace {

bool is_complete(std::string_view record, std::uint32_t number, const View& store,
                 std::string_view key) {
  const auto contains = [number](auto day) {
    const auto bytes = day.getCompleteMeters();
    return Roaring::readSafe(reinterpret_cast<const char*>(bytes.begin()), bytes.size())
        .contains(number);
  };
  const auto where = [&] {
    return store.path().string() + " presence " + storage::printable_key(key);
  };
  return need(storage::read_record<schema::PresenceRecord>(record, where, contains));
}

}  // namespace

std::map<MeasurementQuantity, DataDays> data_days(const InspectedMeter& meter) {
  std::map<MeasurementQuantity, DataDays> found;
  const auto number = storage::KeyWriter().u32(meter.state.number).str();
  need(meter.store.scan_prefix(
      Family::presence, "c", [&](std::string_view key, std::string_view value) {
        KeyReader reader(key.substr(1));
        const core::UtcDay day{reader.day()};
        const auto quantity = static_cast<MeasurementQuantity>(reader.u8());
        const bool complete = is_complete(value, meter.state.number, meter.store, key);
        if (!complete) {
          const auto partial = "p" + std::string(key.substr(1)) + number;
          if (!need(meter.store.get(Family::presence, partial))) return true;
        }
        auto& days = found.try_emplace(quantity, DataDays{day, day}).first->second;
        days.last = day;
        ++days.days;
        days.complete += complete;
        return true;
      }));
  return found;
}

}  // namespace hhgrid::actors::inspection
