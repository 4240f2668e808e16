#pragma once

#include <filesystem>
#include <optional>

#include <tl/expected.hpp>

#include "storage/wire/block.hpp"
#include "storage/wire/error.hpp"
#include "storage/wire/grid_id.hpp"

namespace hhgrid::storage {

/// What a data directory says of its grid, in its file `GRID`.
struct GridFile {
  GridId id;
  PartitionId partitions = 0;  ///< Meter partitions; fixed for the life of the grid.
};

/// Nothing when the directory holds no grid. Errors: damaged, newer_format, io; each names the
/// path.
tl::expected<std::optional<GridFile>, Error> read_grid_file(const std::filesystem::path& directory);
/// Makes the file, durable when it returns. Errors: no_space, io.
tl::expected<void, Error> write_grid_file(const std::filesystem::path& directory,
                                          const GridFile& grid);

}  // namespace hhgrid::storage
