#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "storage/disk/directory_lock.hpp"
#include "storage/journal/local/local_journal.hpp"
#include "storage/journal/local/local_journal_index.hpp"
#include "storage/journal/local/segment_writer.hpp"

namespace hhgrid::storage {

/// A log that was read, or made, and is this process's to go on with.
struct RecoveredJournal {
  DirectoryLock directory_lock;
  JournalId id;
  std::unique_ptr<SegmentWriter> writer;
  std::uint64_t torn_bytes_cut = 0;  ///< What a crash left of a write, cut off.
  std::filesystem::path torn_path;   ///< Where that was.
  std::uint64_t torn_offset = 0;
};

/// Reads all segments into an empty index, verified, and makes the log ready for the next append; a
/// directory without segments gets its first. Errors: as of `LocalJournal::open`.
tl::expected<RecoveredJournal, Error> recover_journal(const LocalJournalOptions& options,
                                                      JournalIndex& index);

/// The end of every partition, of a journal that is only read: every segment is verified, and
/// nothing is made, written or locked. A torn write at the end is left there and does not count.
/// Errors: as of `LocalJournal::open`.
tl::expected<std::vector<BlockNumber>, Error> read_journal_ends(LocalJournalOptions options);

}  // namespace hhgrid::storage
