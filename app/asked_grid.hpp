#pragma once

#include <memory>
#include <optional>

#include "actors/grid/stored_grid.hpp"
#include "app/context.hpp"
#include "app/open_grid.hpp"
#include "net/service/local_grid_service.hpp"

namespace hhgrid::app {

/// The grid that a command asks: that of the data directory, open in this process; or a node's.
class AskedGrid {
 public:
  AskedGrid(const Context& context, std::unique_ptr<OpenGrid> grid);
  explicit AskedGrid(std::unique_ptr<net::GridService> node) : service_(std::move(node)) {}

  net::GridService& operator*() { return *service_; }
  net::GridService* operator->() { return service_.get(); }

 private:
  std::unique_ptr<OpenGrid> grid_;
  std::unique_ptr<net::GridService> service_;
};

/// The node that is named; or the grid of the settings, as it is: a directory that holds none is an
/// error, and one that a node has open is asked through that node, which is said.
Result<std::unique_ptr<AskedGrid>> ask_grid(const Context& context);
/// The same, and when there is none it is made, with `partitions` when given; says so.
Result<std::unique_ptr<AskedGrid>> ask_or_create_grid(const Context& context,
                                                      std::optional<std::uint16_t> partitions);

/// The records of a grid for `check` and `audit`. Its stores are only read when they hold all that
/// the journal does, so that a copy that cannot be written will do; after a crash the grid is
/// opened as ever and applies the rest.
class AskedRecords {
 public:
  static Result<std::unique_ptr<AskedRecords>> open(const Context& context);
  net::GridRecords& operator*() { return grid_ ? **grid_ : *records_; }
  net::GridRecords* operator->() { return &**this; }

 private:
  std::unique_ptr<actors::StoredGrid> stored_;
  std::unique_ptr<net::GridRecords> records_;  // of `stored_`
  std::unique_ptr<AskedGrid> grid_;            // when there is no `stored_`
};

}  // namespace hhgrid::app
