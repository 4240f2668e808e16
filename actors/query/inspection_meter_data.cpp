#include "actors/query/inspection_meter_data.hpp"

#include "actors/host/message_codec.hpp"
#include "actors/meter/bitmap_record.hpp"
#include "actors/meter/presence.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors::inspection {

using core::MeasurementQuantity;
using storage::Error;

std::map<MeasurementQuantity, DataDays> data_days(const InspectedMeter& meter) {
  std::map<MeasurementQuantity, DataDays> found;
  const auto visit = [&](storage::KeyReader& key, auto record) -> tl::expected<void, Error> {
    const core::UtcDay day{key.day()};
    const auto quantity =
        read_enumeration<MeasurementQuantity>("quantity", key.u8(), storage::quantity_count);
    const bool complete = from_bytes(record.getCompleteMeters()).contains(meter.state.number);
    if (!complete) {
      const auto partial =
          meter.store.get(partial_table.family(), partial_key({day, quantity}, meter.state.number));
      if (!partial) return tl::unexpected(partial.error());
      if (!*partial) return {};
    }
    auto& days = found.try_emplace(quantity, DataDays{day, day}).first->second;
    days.last = day;
    ++days.days;
    days.complete += complete;
    return {};
  };
  need(complete_table.each(meter.store, visit));
  return found;
}

}  // namespace hhgrid::actors::inspection
