#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/grid/grid.hpp"
#include "actors/gsp/run_results.hpp"
#include "actors/host/messages.hpp"
#include "tests/grid/grid_world.hpp"

namespace hhgrid::tests {

/// Small buffers, so that a small world goes through everything that a large one does.
actors::GridOptions small_grid(const std::filesystem::path& directory,
                               storage::PartitionId partitions = 3);

/// An open grid with an actor system of its own. Whatever fails that should not throws.
class OpenGrid {
 public:
  explicit OpenGrid(const actors::GridOptions& options);
  actors::Grid* operator->() { return grid_.get(); }
  actors::Grid& operator*() { return *grid_; }
  caf::actor_system& system() { return system_; }

  void close() { grid_.reset(); }
  /// Appends all of it and waits until it is applied.
  void feed(const std::vector<Batch>& batches);
  /// A settlement run that must end as published.
  actors::RunInfo settle(core::SettlementDay day, core::Instant cutoff = {4'000'000'000'000},
                         core::SettlementCode code = core::SettlementCode::ii);
  /// Empty, or the first damage that a check of all stores finds.
  std::string check();
  /// Empty, or how the audit of a run failed.
  std::string audit(std::uint32_t run);
  /// Every record of a run's results, in the market partition and in the meter partitions (defaults
  /// per meter), by key without the run's number.
  std::map<std::string, std::string> results(std::uint32_t run);

 private:
  actors::SystemConfig config_{2};
  caf::actor_system system_{config_};
  std::unique_ptr<actors::Grid> grid_;
};

/// The error of a grid that must not open.
storage::Error refusal_to_open(const actors::GridOptions& options);

/// What counts, by MPAN, UTC day and quantity; equal values mean equal text.
std::map<std::string, std::string> counting_values(OpenGrid& grid, const World& world);

}  // namespace hhgrid::tests
