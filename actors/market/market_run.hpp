#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "actors/gsp/gsp_group.hpp"
#include "actors/gsp/run_results.hpp"
#include "actors/host/market_effects.hpp"
#include "actors/market/load_shape.hpp"
#include "actors/market/standing_state.hpp"
#include "core/calendar.hpp"
#include "core/load_shape/shape.hpp"

namespace hhgrid::actors {

/// A meter partition's answer to the run marker, decoded and checked (schema RunSums).
struct PartitionSums {
  std::uint32_t run = 0;
  PartitionInput input;
  std::vector<GroupDaySums> shape_deltas, run_only_deltas;
  std::vector<TermsSums> components;
  std::set<WantedShape> missing;
  std::string failure;  ///< Why the partition cannot take part; then the rest is empty.
};

/// A meter partition's answer to the load shapes, decoded and checked (schema RunDefaults).
struct PartitionDefaults {
  std::uint32_t run = 0;
  storage::PartitionId partition = 0;
  std::vector<TermsDefaults> sums;
  std::vector<core::Exception> exceptions;
  std::string failure;  ///< As above.
};

/// Throw TurnFailure when a field does not hold. `partitions` is how many meter partitions the grid
/// has.
PartitionSums read_partition_sums(schema::RunSums::Reader in, storage::PartitionId partitions);
PartitionDefaults read_partition_defaults(schema::RunDefaults::Reader in,
                                          storage::PartitionId partitions);

/// A run that is not yet settled. It goes through these states:
///  1. collecting sums: the markers are out. Before: nothing. Invariant: a partition that has
///  answered this run has answered
///     every earlier one, since it takes the markers in order.
///  2. collecting defaults: all sums are there, the running totals hold their changes, the shapes
///  are stored and sent.
///  3. settled: all defaults are there; results and the final status are stored, and this record of
///  it is gone.
class OpenRun {
 public:
  OpenRun(RunInfo info, StandingSnapshot standing, storage::PartitionId partitions);

  const RunInfo& info() const { return info_; }
  const StandingSnapshot& standing() const { return standing_; }
  bool has_sums_of(storage::PartitionId partition) const { return sums_.at(partition).has_value(); }
  bool has_defaults_of(storage::PartitionId partition) const { return defaulted_.at(partition); }
  bool has_all_sums() const { return sums_missing_ == 0; }
  /// How many partitions have not sent theirs.
  std::size_t defaults_missing() const { return defaults_missing_; }
  bool shaped() const { return shaped_; }

  /// Whether a partition cannot take part; the run is then refused once all have answered.
  bool failed() const { return !failures_.empty(); }

  /// The partition has not answered yet (asserted).
  void take(PartitionSums sums);
  void take(const PartitionDefaults& defaults);

  // -- when all sums are there --
  std::vector<GroupDaySums> shape_deltas() const;
  std::vector<GroupDaySums> run_only_deltas() const;
  /// The shapes that the run makes: of every full group with energised members or with something to
  /// default, for the UTC days that the settlement day touches.
  std::set<WantedShape> wanted_shapes(const core::SettlementCalendar& calendar) const;
  /// Keeps the shapes for the digest. What only they needed is forgotten.
  void shapes_made(std::vector<GroupDayShape> shapes);
  /// Fills the message for one partition: the shapes that it asked for.
  void write_shapes_for(storage::PartitionId partition, schema::RunShapes::Builder out) const;

  // -- when all defaults are there --
  /// Settles every GSP Group and stores results and run record. The run's status is final
  /// afterwards.
  void settle(const core::SettlementCalendar& calendar, MarketEffects& effects);
  /// Ends a run that has `failed`, without results.
  void refuse(MarketEffects& effects);

 private:
  void finish(MarketEffects& effects);
  void decide(const std::vector<core::GroupSettlement>& settlements);

  RunInfo info_;
  StandingSnapshot standing_;
  std::vector<std::optional<PartitionSums>>
      sums_;  // by partition; the components are moved into groups_
  std::vector<bool> defaulted_;
  std::size_t sums_missing_, defaults_missing_;
  std::map<core::GspGroup, GspGroupRun> groups_;
  std::set<core::ShapeGroup> member_groups_;  // full groups with energised members
  std::vector<GroupDayShape> shapes_;
  bool shaped_ = false;
  std::set<std::string> failures_;
};

}  // namespace hhgrid::actors
