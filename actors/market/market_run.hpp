#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "actors/gsp/group_volumes.hpp"
#include "actors/gsp/run_results.hpp"
#include "actors/host/market_effects.hpp"
#include "actors/market/load_shape.hpp"
#include "actors/standing/standing_state.hpp"
#include "core/calendar.hpp"
#include "core/load_shape/shape.hpp"

namespace hhgrid::actors {

/// A meter partition's answer to the run marker, decoded and checked (schema RunSums).
struct PartitionSums {
  std::uint32_t run = 0;
  PartitionInput input;
  std::vector<GroupDaySums> shape_deltas, run_only_deltas;
  std::vector<TermsSums> terms_sums;
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

/// A GSP Group's answer, decoded and checked (schema GroupSettled).
struct GroupAnswer {
  std::uint32_t run = 0;
  core::GspGroup gsp_group;
  std::uint64_t digest = 0;
  std::string held, refused;  ///< Why; empty when it is not.
  std::vector<core::Exception> exceptions;
};

RunEvent event_of(const RunInfo& run);

/// Throws TurnFailure when energy stands after the settlement day's periods.
void require_zero_after(std::string_view field, const core::PeriodEnergy& energy, int period_count);

/// Changes of full groups' sums. Throws TurnFailure when a field does not hold.
std::vector<GroupDaySums> read_shape_deltas(capnp::List<schema::ShapeSums>::Reader in);

/// Throw TurnFailure when a field does not hold. `partitions` is how many meter partitions the grid
/// has.
PartitionSums read_partition_sums(schema::RunSums::Reader in, storage::PartitionId partitions);
PartitionDefaults read_partition_defaults(schema::RunDefaults::Reader in,
                                          storage::PartitionId partitions);
GroupAnswer read_group_answer(schema::GroupSettled::Reader in);

/// A run that is not yet settled. It goes through these states:
///  1. collecting sums: the markers are out. Before: nothing. Invariant: a partition that has
///  answered this run has answered
///     every earlier one, since it takes the markers in order.
///  2. collecting defaults: all sums are there, the running totals hold their changes, the shapes
///  are stored and sent.
///  3. collecting settlements: all defaults are there, and every GSP Group with meters has been
///  told to settle.
///  4. settled: all groups have answered; the final status is stored, and this record of it is
///  gone. Before that, nobody is shown what the groups keep.
class OpenRun {
 public:
  OpenRun(RunInfo info, StandingSnapshot standing, storage::PartitionId partitions);

  const RunInfo& info() const { return info_; }
  const StandingSnapshot& standing() const { return standing_; }
  bool has_sums_of(storage::PartitionId partition) const { return sums_.at(partition).has_value(); }
  bool has_defaults_of(storage::PartitionId partition) const { return defaulted_.at(partition); }
  bool has_all_sums() const { return sums_missing_ == 0; }
  bool has_all_defaults() const { return defaults_missing_ == 0; }
  /// Whether the group has been told to settle and has not answered.
  bool awaits(core::GspGroup gsp_group) const;
  bool has_all_answers() const { return answers_.size() == groups_.size(); }
  bool shaped() const { return shaped_; }

  /// Whether a partition cannot take part; the run is then refused once all have answered.
  bool failed() const { return !failures_.empty(); }

  /// The partition has not answered yet (asserted).
  void take(PartitionSums sums);
  void take(const PartitionDefaults& defaults);
  void take(const GroupAnswer& answer);

  // -- when all sums are there --
  const ShapeSumsByDay& shape_deltas() const { return shape_deltas_; }
  /// Only once: the run has no more use for them.
  RunOnlySums take_run_only() { return std::exchange(run_only_, {}); }
  /// The shapes that the run makes: of every full group with energised members or with something to
  /// default, for the UTC days that the settlement day touches.
  std::set<WantedShape> wanted_shapes(const core::SettlementCalendar& calendar) const;
  /// Keeps the shapes for the digest. What only they needed is forgotten.
  void shapes_made(std::vector<GroupDayShape> shapes);
  /// Fills the message for one partition: the shapes that it asked for.
  void write_shapes_for(storage::PartitionId partition, schema::RunShapes::Builder out) const;

  // -- when all defaults are there --
  /// The GSP Groups with meters: whom to tell to settle.
  std::vector<core::GspGroup> groups() const;
  void write_order_for(core::GspGroup gsp_group, const core::SettlementCalendar& calendar,
                       schema::GroupRun::Builder out) const;

  // -- when all groups have answered, or there are none --
  /// Publishes, holds or refuses the run and stores its record. The status is final afterwards.
  void finish(const storage::Topology& topology, MarketEffects& effects);
  /// Ends a run that has `failed`, without results.
  void refuse(const storage::Topology& topology, MarketEffects& effects);

 private:
  void store(const storage::Topology& topology, MarketEffects& effects);
  void decide();

  RunInfo info_;
  StandingSnapshot standing_;
  std::vector<std::optional<PartitionSums>>
      sums_;  // by partition; sums per terms and changes of shapes are moved out of them
  ShapeSumsByDay shape_deltas_;  // of all partitions
  RunOnlySums run_only_;
  std::vector<bool> defaulted_;
  std::size_t sums_missing_, defaults_missing_;
  std::map<core::GspGroup, GroupVolumes> groups_;
  std::map<core::GspGroup, GroupAnswer> answers_;
  std::vector<core::Exception> exceptions_;
  std::set<core::ShapeGroup> member_groups_;  // full groups with energised members
  std::vector<GroupDayShape> shapes_;
  bool shaped_ = false;
  std::set<std::string> failures_;
};

}  // namespace hhgrid::actors
