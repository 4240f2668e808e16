#pragma once

#include <filesystem>
#include <optional>

#include <tl/expected.hpp>

#include "storage/wire/block.hpp"
#include "storage/wire/error.hpp"
#include "storage/wire/grid_id.hpp"

namespace hhgrid::storage {

/// How far a store has come that nobody has opened: a file beside it, written when it was closed.
/// The store holds at least that, since it never goes back. So a partition whose journal ends there
/// need not be opened before it is needed.
struct AppliedFile {
  GridId grid;
  Position position = 0;
};

/// Nothing when there is no file or it cannot be read: then the store itself has to be asked.
std::optional<AppliedFile> read_applied_file(const std::filesystem::path& store);
/// `store`: the directory of the store. Errors: no_space, io.
tl::expected<void, Error> write_applied_file(const std::filesystem::path& store,
                                             const AppliedFile& applied);

}  // namespace hhgrid::storage
