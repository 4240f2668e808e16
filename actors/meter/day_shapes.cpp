#include "actors/meter/day_shapes.hpp"

#include "actors/host/message_codec.hpp"
#include "core/packing.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

KnownShape read_known_shape(schema::PublishedShape::Reader in) {
  KnownShape shape{
      read_group(in.getGroup()), {read_day("utcDay", in.getUtcDay())}, in.getIssue(), {}, {}};
  const auto energy = in.getEnergyWh();
  if (!core::unpack_values({energy.begin(), energy.size()}, core::periods_per_utc_day,
                           shape.energy_wh.data()))
    refuse_field("energyWh", std::to_string(energy.size()) + " bytes",
                 "are no packing of 48 values");
  const auto flags = in.getFlags();
  if (flags.size() != 1 && flags.size() != shape.flag.size())
    refuse_field("flags", std::to_string(flags.size()) + " flags", "is neither 1 nor 48");
  for (std::size_t i = 0; i < shape.flag.size(); ++i)
    shape.flag[i] = read_shape_flag(flags[flags.size() == 1 ? 0 : static_cast<unsigned>(i)]);
  if (shape.issue == 0) refuse_field("issue", "0", "is none");
  return shape;
}

void turn(MeterPartition& partition, schema::DayShapes::Reader shapes,
          std::vector<StoreWrite>& writes) {
  const core::UtcDay closed{read_day("utcDay", shapes.getUtcDay())};
  std::vector<StoreWrite> made;
  for (const auto shape : shapes.getShapes()) {
    const KnownShape known = read_known_shape(shape);
    storage::RecordBuilder<schema::KnownShapeRecord> record;
    record->setShape(shape);
    made.push_back({known_shapes.family(),
                    known_shapes.key().day(known.day.value).text(known.group.to_string()).str(),
                    record.bytes()});
  }
  const auto scanned = partition.store.scan(
      known_shapes.family(), known_shapes.key().str(),
      known_shapes.key().day(closed.value - shapes_kept_days).str(),
      [&](std::string_view key, std::string_view) {
        made.push_back({known_shapes.family(), std::string(key), std::nullopt});
        return true;
      });
  if (!scanned) throw_read_error(scanned.error());
  for (auto& write : made) writes.push_back(std::move(write));
}

}  // namespace hhgrid::actors
