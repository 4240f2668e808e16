#pragma once

#include <memory>
#include <optional>

#include <caf/actor_system.hpp>

#include "actors/grid/grid.hpp"
#include "actors/host/messages.hpp"
#include "app/context.hpp"

namespace hhgrid::app {

/// A grid of this process with the actor system that it lives in.
class OpenGrid {
 public:
  /// What goes wrong when it is closed is left in `context.closing`.
  explicit OpenGrid(const Context& context);
  ~OpenGrid();
  OpenGrid(const OpenGrid&) = delete;
  OpenGrid& operator=(const OpenGrid&) = delete;
  Result<void> open(const actors::GridOptions& options);

  actors::Grid& operator*() { return *grid_; }
  actors::Grid* operator->() { return grid_.get(); }

 private:
  std::shared_ptr<std::optional<Failure>> closing_;
  actors::SystemConfig config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<actors::Grid> grid_;  // goes before the system
};

/// The settings as the grid wants them.
actors::GridOptions grid_options(const config::Settings& settings);

/// Opens the grid of the settings, as it is: a directory that holds none is an error.
Result<std::unique_ptr<OpenGrid>> open_grid(const Context& context);
/// Opens the grid, or creates it, with `partitions` when given, and says so.
Result<std::unique_ptr<OpenGrid>> open_or_create_grid(const Context& context,
                                                      std::optional<std::uint16_t> partitions);
/// Creates the grid in a directory that is known to be new.
Result<std::unique_ptr<OpenGrid>> create_grid(const Context& context);

}  // namespace hhgrid::app
