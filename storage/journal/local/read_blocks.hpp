#pragma once

#include <span>
#include <vector>

#include <tl/expected.hpp>

#include "storage/journal/journal.hpp"
#include "storage/journal/local/local_journal_index.hpp"

namespace hhgrid::storage {

/// Reads a partition's blocks back from where they stand in the log, verified again. Errors:
/// damaged, io.
tl::expected<std::vector<JournalBlock>, Error> read_blocks(
    PartitionId partition, std::span<const JournalIndex::Found> found);

}  // namespace hhgrid::storage
