#pragma once

#include <tl/expected.hpp>

#include "actors/grid/grid.hpp"
#include "storage/disk/directory_lock.hpp"
#include "storage/wire/error.hpp"
#include "storage/wire/grid_id.hpp"

namespace hhgrid::actors {

/// A grid's data directory, locked, and what it says of the grid.
struct GridDirectory {
  storage::DirectoryLock lock;
  storage::GridId id;
  storage::PartitionId partitions = 0;  ///< Meter partitions.
  int open_files_per_store = 0;         ///< This process's share of each.
};

/// Makes the directory and its file `GRID` when there is no grid yet, as far as the options allow,
/// and locks it. Errors: in_use, foreign, damaged, newer_format, mismatch, io; `limit` when the
/// process may not open as many files as so many partitions need: nothing is made then.
tl::expected<GridDirectory, storage::Error> open_grid_directory(const GridOptions& options);

}  // namespace hhgrid::actors
