#include "actors/meter/day_marker.hpp"

namespace hhgrid::actors {

void turn(MeterPartition& partition, storage::PartitionId id, schema::DayMarker::Reader marker,
          schema::DaySums::Builder answer) {
  // The market partition is taken to know them, so nothing after this may fail.
  const auto changes = partition.told.take_changes(partition);
  answer.setClosing(marker.getClosing());
  answer.setPartition(id);
  write_shape_deltas(changes, [&](unsigned n) { return answer.initShapeDeltas(n); });
}

}  // namespace hhgrid::actors
