#pragma once

#include <cstddef>

#include <tl/expected.hpp>

#include "storage/wire/error.hpp"

namespace hhgrid::actors {

/// How many files this process may have open: its soft limit.
std::size_t open_files_limit();

/// How many files a process needs that has so many stores and journal segments open: 20 a store,
/// the least that RocksDB works with, 256 segments at most, and 224 for everything else.
std::size_t open_files_needed(std::size_t stores, std::size_t segments);

/// How many files each of so many stores may have open when the process may have `limit`: equal
/// shares, 512 at most. Error: `limit` when even the least does not fit; the text says which limit
/// would do.
tl::expected<int, storage::Error> open_files_per_store(std::size_t stores, std::size_t segments,
                                                       std::size_t limit);

}  // namespace hhgrid::actors
