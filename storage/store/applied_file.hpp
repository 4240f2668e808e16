#pragma once

#include <filesystem>
#include <optional>

#include <tl/expected.hpp>

#include "storage/wire/block.hpp"
#include "storage/wire/error.hpp"
#include "storage/wire/grid_id.hpp"
#include "storage/wire/journal_id.hpp"

namespace hhgrid::storage {

/// How far a closed store has come, and in which journal: a file beside it, which is there only
/// while the store is closed, has all that was read, and nothing of it waits to be sent. So a
/// partition whose journal ends there need not be opened before it is needed.
struct AppliedFile {
  GridId grid;
  JournalId journal;
  BlockNumber block = 0;     ///< The last applied.
  std::uint64_t digest = 0;  ///< The journal's, at that block.
  friend bool operator==(const AppliedFile&, const AppliedFile&) = default;
};

/// Nothing when there is no file or it cannot be read: then the store itself has to be asked.
std::optional<AppliedFile> read_applied_file(const std::filesystem::path& store);
/// `store`: the directory of the store. Errors: no_space, io.
tl::expected<void, Error> write_applied_file(const std::filesystem::path& store,
                                             const AppliedFile& applied);
/// Durably, when there is one. Errors: io.
tl::expected<void, Error> remove_applied_file(const std::filesystem::path& store);

}  // namespace hhgrid::storage
