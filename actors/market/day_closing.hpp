#pragma once

#include <map>
#include <optional>
#include <vector>

#include "actors/market/published_shapes.hpp"
#include "actors/standing/standing_state.hpp"

namespace hhgrid::actors {

struct MarketState;

/// A closing of a UTC day whose meter partitions have not all answered: the load-shape service
/// publishes once they have. Each has then answered every earlier run and closing too, since it
/// takes markers in order; so the changes of a closing are added after those of the runs before it.
class OpenClosing {
 public:
  OpenClosing(DayClosing closing, StandingSnapshot standing, storage::PartitionId partitions)
      : closing_(std::move(closing)), standing_(std::move(standing)), sums_(partitions) {}

  const DayClosing& closing() const { return closing_; }
  const core::StandingData& standing() const { return *standing_; }
  bool has_sums_of(storage::PartitionId partition) const { return sums_.at(partition).has_value(); }
  bool has_all_sums() const { return taken_ == sums_.size(); }
  /// The partition has not answered yet (asserted). Throws TurnFailure when a field does not hold.
  void take(schema::DaySums::Reader sums);
  /// Of all partitions.
  std::vector<GroupDaySums> deltas() const;
  /// Why partitions could not answer; empty when all could.
  const std::string& failure() const { return failure_; }

 private:
  DayClosing closing_;
  StandingSnapshot standing_;
  std::vector<std::optional<std::vector<GroupDaySums>>> sums_;  // by partition
  std::size_t taken_ = 0;
  std::string failure_;
};

/// Closings by the position of their entry.
using OpenClosings = std::map<storage::Position, OpenClosing>;
/// Key of a meter partition's answer while the closing is open.
std::string closing_input_key(storage::Position closing, storage::PartitionId partition);

// -- turns of the load-shape service ----------------------------------------------------------

/// A UTC day is closed: every meter partition is asked for what has changed. A day that is closed
/// or being closed stays as it is. Throws TurnFailure on a day outside the calendar.
MarketEffects turn(MarketState& state, schema::DayClosed::Reader closed,
                   const TurnContext& context);
/// A meter partition's answer; with the last one the shapes of the day are published, and those
/// before whose values or flags have changed.
MarketEffects turn(MarketState& state, schema::DaySums::Reader sums, EntryBytes bytes);

/// Closings in flight with the answers that they have taken. Errors: damaged, io.
tl::expected<void, storage::Error> load_closings(MarketState& state,
                                                 const storage::Store::View& view);

}  // namespace hhgrid::actors
