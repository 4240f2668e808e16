#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/types.hpp"
#include "storage/wire/block.hpp"

namespace hhgrid::storage {

/// What a partition hosts; stored in its meta record, so the numbers never change.
enum class PartitionKind : std::uint8_t {
  meters,     ///< Meters, their ledger, their part in runs.
  market,     ///< Standing data, load shapes, the run ledger.
  gsp_group,  ///< One GSP Group and its BM units.
};

/// Who is where in a grid: meter partitions, one market partition, and one partition for each GSP
/// Group. How many meter partitions there are is fixed when a grid is made; all else follows from
/// that, and nobody but this class knows how.
class Topology {
 public:
  /// `meter_partitions`: at least 1, at most core::meter_partitions_max.
  explicit Topology(PartitionId meter_partitions);

  PartitionId meter_partitions() const { return meter_partitions_; }
  /// All of them, of every kind. Ids are 0 to this number less one.
  PartitionId count() const;

  // -- who is where --
  PartitionId of(core::Mpan mpan) const;
  PartitionId market() const { return meter_partitions_; }
  /// `gsp_group` must not be empty.
  PartitionId of(core::GspGroup gsp_group) const;

  // -- what a partition is --
  bool contains(PartitionId id) const { return id < count(); }
  /// These three: `id` must be one of the grid's.
  PartitionKind kind(PartitionId id) const;
  /// `meters/3`, `market`, `gsp/_C`.
  std::string name(PartitionId id) const;
  /// Empty for a partition of another kind.
  core::GspGroup gsp_group(PartitionId id) const;

  // -- in the order of their ids: meters, market, GSP Groups by letter --
  std::vector<PartitionId> all() const { return ids(0, count()); }
  std::vector<PartitionId> all_meters() const { return ids(0, meter_partitions_); }
  std::vector<PartitionId> all_gsp_groups() const {
    return ids(static_cast<PartitionId>(market() + 1), count());
  }

  friend bool operator==(const Topology&, const Topology&) = default;

 private:
  static std::vector<PartitionId> ids(PartitionId first, PartitionId end) {
    std::vector<PartitionId> ids;
    for (PartitionId id = first; id < end; ++id) ids.push_back(id);
    return ids;
  }

  PartitionId meter_partitions_;
};

}  // namespace hhgrid::storage
