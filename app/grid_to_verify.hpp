#pragma once

#include <filesystem>
#include <memory>

#include "actors/grid/stored_grid.hpp"
#include "app/open_grid.hpp"

namespace hhgrid::app {

/// The stores of a grid for `check` and `audit`. They are only read when they hold all that the
/// journal does, so that a copy that cannot be written will do; after a crash the grid is opened as
/// ever and applies the rest.
class GridToVerify {
 public:
  static Result<std::unique_ptr<GridToVerify>> open(const Context& context);

  storage::StoreSet stores() const;
  const core::SettlementCalendar& calendar() const;
  const std::filesystem::path& directory() const;

 private:
  std::unique_ptr<actors::StoredGrid> stored_;
  std::unique_ptr<OpenGrid> grid_;  ///< When there is no `stored_`.
};

}  // namespace hhgrid::app
