#pragma once

#include <vector>

#include "actors/host/market_effects.hpp"
#include "actors/meter/meter_partition.hpp"
#include "storage/store/table.hpp"

namespace hhgrid::actors {

/// How long a published load shape is kept: as long as an estimate can need it.
inline constexpr int shapes_kept_days = 2 * 366;

/// A published load shape as the meter partitions know it.
struct KnownShape {
  core::ShapeGroup group;
  core::UtcDay day;
  std::uint32_t issue = 0;
  std::array<core::WattHours, core::periods_per_utc_day> energy_wh{};
  std::array<core::ShapeFlag, core::periods_per_utc_day> flag{};
  friend bool operator==(const KnownShape&, const KnownShape&) = default;
};
/// Throws TurnFailure when a field does not hold.
KnownShape read_known_shape(schema::PublishedShape::Reader in);

/// The latest published shape of each group and UTC day.
inline constexpr storage::Table<schema::KnownShapeRecord> known_shapes{storage::Family::ledger,
                                                                       "h"};

/// Load shapes that were published with the closing of a day: the partition keeps each group's and
/// day's latest, and forgets those that are too old. Throws before it changes anything.
void turn(MeterPartition& partition, schema::DayShapes::Reader shapes,
          std::vector<StoreWrite>& writes);

}  // namespace hhgrid::actors
