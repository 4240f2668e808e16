#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "actors/market/published_shapes.hpp"
#include "actors/standing/standing_state.hpp"

namespace hhgrid::actors {

struct MarketState;

/// A meter partition's answer to a closing, decoded and checked (schema DaySums).
struct ClosingAnswer {
  storage::PartitionId partition = 0;
  std::vector<GroupDaySums> deltas;
  std::string failure;  ///< Why it could not answer; then the rest is empty.
};
/// Throws TurnFailure when a field does not hold. `partitions`: how many the grid has.
ClosingAnswer read_closing_answer(schema::DaySums::Reader in, storage::PartitionId partitions);

/// A closing of a UTC day whose meter partitions have not all answered: the load-shape service
/// publishes once they have. Each has then answered every earlier run and closing too, since it
/// takes markers in order; so the changes of a closing are added after those of the runs before it.
class OpenClosing {
 public:
  OpenClosing(DayClosing closing, StandingSnapshot standing, storage::PartitionId partitions)
      : closing_(std::move(closing)), standing_(std::move(standing)), answered_(partitions) {}

  const DayClosing& closing() const { return closing_; }
  const core::StandingData& standing() const { return *standing_; }
  bool has_answer_of(storage::PartitionId partition) const { return answered_.at(partition); }
  bool has_all_answers() const { return taken_ == answered_.size(); }
  /// The partition has not answered yet (asserted).
  void take(const ClosingAnswer& answer);
  /// Of all partitions.
  const ShapeSumsByDay& deltas() const { return deltas_; }
  /// Why partitions could not answer; empty when all could.
  std::string failure() const;

 private:
  DayClosing closing_;
  StandingSnapshot standing_;
  std::vector<bool> answered_;  // by partition
  ShapeSumsByDay deltas_;
  std::size_t taken_ = 0;
  std::set<std::string> failures_;
};

/// Closings by the position of their entry.
using OpenClosings = std::map<storage::Position, OpenClosing>;
/// Key of a meter partition's answer while the closing is open.
std::string closing_input_key(storage::Position closing, storage::PartitionId partition);

/// Closings in flight with the answers that they have taken. Errors: damaged, io.
tl::expected<void, storage::Error> load_closings(MarketState& state,
                                                 const storage::Store::View& view);

}  // namespace hhgrid::actors
