#include "storage/journal/local/local_journal_recovery.hpp"

#include <random>

#include <kj/debug.h>
#include <spdlog/spdlog.h>

#include "storage/journal/local/segment_scan.hpp"

namespace hhgrid::storage {

namespace {

/// A segment file on disk, opened and with its head verified.
struct OpenSegment {
  std::uint64_t number = 0;
  std::filesystem::path path;
  std::shared_ptr<File> file;
  SegmentHead head;
};

/// What reading all segments found.
struct Scanned {
  OpenSegment last;
  SegmentTail tail;
  JournalId journal_id;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> unsealed;  ///< Number and end.
};

struct Names {
  std::vector<std::uint64_t> segments;  ///< In order, without gaps.
  std::vector<std::filesystem::path> unfinished;
};

tl::expected<Names, Error> list_segments(const FileSystem& files,
                                         const std::filesystem::path& directory) {
  auto listed = files.list(directory);
  if (!listed) return tl::unexpected(to_error(listed.error(), "list", directory));
  Names names;
  for (const std::string& name : *listed) {
    if (const auto number = parse_segment_name(name)) {
      if (!names.segments.empty() && *number != names.segments.back() + 1) {
        const auto missing = directory / segment_name(names.segments.back() + 1);
        return tl::unexpected(
            Error{Errc::damaged, missing.string() + " is missing, but " + name +
                                     " follows: the journal has lost all from byte 0 of it."});
      }
      names.segments.push_back(*number);
    } else if (name.ends_with(unfinished_suffix)) {
      names.unfinished.push_back(directory / name);
    }
  }
  return names;
}

tl::expected<OpenSegment, Error> open_segment(const LocalJournalOptions& options,
                                              std::uint64_t number, OpenMode mode) {
  OpenSegment segment;
  segment.number = number;
  segment.path = options.directory / segment_name(number);
  auto file = options.files->open(segment.path, mode);
  if (!file) return tl::unexpected(to_error(file.error(), "open", segment.path));
  segment.file = std::move(*file);
  auto head = read_segment_head(*segment.file, segment.path, number, options.grid_id,
                                options.partition_count);
  if (!head) return tl::unexpected(head.error());
  segment.head = std::move(*head);
  return segment;
}

/// Adds frames to the index after a check that each is the next of its partition.
OnFrame make_indexer(JournalIndex& index, const OpenSegment& segment) {
  return [&](std::uint64_t offset, const FrameHeader& frame) -> tl::expected<void, Error> {
    if (frame.partition >= index.partition_count()) {
      return tl::unexpected(damaged_at(segment.path, offset,
                                       "the frame is for partition " +
                                           std::to_string(frame.partition) +
                                           ", which there is not"));
    }
    if (frame.block != index.end(frame.partition) + 1) {
      return tl::unexpected(damaged_at(segment.path, offset,
                                       "the block of partition " + std::to_string(frame.partition) +
                                           " has number " + std::to_string(frame.block) +
                                           " after " + std::to_string(index.end(frame.partition))));
    }
    index.add(frame.partition, {frame.block, frame.entry_count, frame.payload_bytes, segment.number,
                                offset, frame.digest});
    return {};
  };
}

/// Reads all segments into the index. Changes nothing on disk.
tl::expected<Scanned, Error> scan_segments(const LocalJournalOptions& options,
                                           const std::vector<std::uint64_t>& numbers,
                                           OpenMode mode_of_last, JournalIndex& index) {
  Scanned found;
  const auto open_at = [&](std::size_t i) {
    const bool is_last = i + 1 == numbers.size();
    auto opened = open_segment(options, numbers[i], is_last ? mode_of_last : OpenMode::read);
    if (opened && i > 0 && opened->head.header.journal_id != found.journal_id)
      return decltype(opened)(tl::unexpected(Error{
          Errc::foreign, opened->path.string() + " belongs to another journal than the segments "
                                                 "before it."}));
    return opened;
  };
  auto segment = open_at(0);
  if (!segment) return tl::unexpected(segment.error());
  found.journal_id = segment->head.header.journal_id;
  index.restore(segment->head.checkpoint);
  for (std::size_t i = 0;; ++i) {
    if (!index.continues(segment->head.checkpoint)) {
      return tl::unexpected(damaged_at(segment->path, checkpoint_offset,
                                       "its checkpoint has other blocks than the segment before"));
    }
    const auto frames_offset = segment->head.frames_offset;
    index.add_segment({segment->number, segment->path, segment->file, frames_offset, {}});
    const OnFrame on_frame = make_indexer(index, *segment);
    if (i + 1 == numbers.size()) {
      auto tail = scan_last_segment(*segment->file, segment->path, segment->number, frames_offset,
                                    on_frame);
      if (!tail) return tl::unexpected(tail.error());
      found.last = std::move(*segment);
      found.tail = *tail;
      return found;
    }
    // The next segment's checkpoint says where this one has to end.
    auto next = open_at(i + 1);
    if (!next) return tl::unexpected(next.error());
    const std::uint64_t end = next->head.checkpoint.previous_end;
    auto sealed = scan_followed_segment(*segment->file, segment->path, segment->number,
                                        frames_offset, end, on_frame);
    if (!sealed) return tl::unexpected(sealed.error());
    if (!*sealed) found.unsealed.emplace_back(segment->number, end);
    segment = std::move(next);
  }
}

JournalId make_journal_id() {
  std::random_device random;
  const auto word = [&] { return std::uint64_t{random()} << 32 | random(); };
  return {word(), word()};
}

/// A crash came between the making of a successor and the seal.
tl::expected<void, Error> seal_segment(const LocalJournalOptions& options, std::uint64_t number,
                                       std::uint64_t end) {
  const auto path = options.directory / segment_name(number);
  auto file = options.files->open(path, OpenMode::write);
  if (!file) return tl::unexpected(to_error(file.error(), "open", path));
  return SegmentWriter::seal(**file, number, end).map_error([&](SystemError error) {
    return to_error(error, "seal", path);
  });
}

/// Cuts off a torn write and makes durable what was read: a crash of the process alone leaves bytes
/// that only the page cache has, and from here on they count as stored.
tl::expected<void, Error> resume(const LocalJournalOptions& options, OpenSegment last,
                                 SegmentTail tail, RecoveredJournal& journal) {
  SystemResult<void> settled;
  if (tail.torn_bytes > 0) settled = last.file->truncate(tail.end);
  if (settled) settled = last.file->sync();
  if (settled) settled = options.files->sync_directory(options.directory);
  if (!settled) return tl::unexpected(to_error(settled.error(), "restore", last.path));
  const auto size = last.file->size();
  if (!size) return tl::unexpected(to_error(size.error(), "read", last.path));
  if (tail.torn_bytes > 0) {
    journal.torn_bytes_cut = tail.torn_bytes;
    journal.torn_path = last.path;
    journal.torn_offset = tail.end;
    spdlog::warn(
        "{}: {} bytes at {} were torn by a crash and are cut off; they had not been "
        "acknowledged",
        last.path.string(), tail.torn_bytes, tail.end);
  }
  journal.writer->resume(
      {last.number, last.path, std::move(last.file), last.head.frames_offset, tail.end, *size});
  return {};
}

}  // namespace

tl::expected<std::vector<BlockNumber>, Error> read_journal_ends(LocalJournalOptions options) {
  KJ_REQUIRE(options.partition_count > 0);
  if (!options.files) options.files = make_file_system();
  auto names = list_segments(*options.files, options.directory);
  if (!names) return tl::unexpected(names.error());
  JournalIndex index(options.partition_count);
  if (!names->segments.empty()) {
    auto scanned = scan_segments(options, names->segments, OpenMode::read, index);
    if (!scanned) return tl::unexpected(scanned.error());
  }
  std::vector<BlockNumber> ends;
  for (std::uint32_t partition = 0; partition < options.partition_count; ++partition)
    ends.push_back(index.end(static_cast<PartitionId>(partition)));
  return ends;
}

tl::expected<RecoveredJournal, Error> recover_journal(const LocalJournalOptions& options,
                                                      JournalIndex& index) {
  const auto& directory = options.directory;
  FileSystem& files = *options.files;
  if (auto made = files.make_directory(directory); !made) {
    return tl::unexpected(to_error(made.error(), "make", directory));
  }
  auto directory_lock = DirectoryLock::acquire(directory);
  if (!directory_lock) return tl::unexpected(directory_lock.error());
  RecoveredJournal journal{.directory_lock = std::move(*directory_lock)};

  auto names = list_segments(files, directory);
  if (!names) return tl::unexpected(names.error());
  const auto make_writer = [&] {
    journal.writer = std::make_unique<SegmentWriter>(
        SegmentWriter::Options{options.files, directory, options.grid_id, journal.id,
                               options.partition_count, options.segment_bytes});
  };
  if (names->segments.empty()) {
    journal.id = make_journal_id();
    make_writer();
    if (auto started = journal.writer->start(1, index.checkpoint()); !started)
      return tl::unexpected(started.error());
    const auto& segment = journal.writer->segment();
    index.add_segment({segment.number, segment.path, segment.file, segment.end, {}});
    return journal;
  }

  auto scanned = scan_segments(options, names->segments, OpenMode::write, index);
  if (!scanned) return tl::unexpected(scanned.error());
  journal.id = scanned->journal_id;
  make_writer();
  // All of it holds: from here on the directory may be changed.
  for (const auto& [number, end] : scanned->unsealed) {
    if (auto sealed = seal_segment(options, number, end); !sealed)
      return tl::unexpected(sealed.error());
  }
  if (auto resumed = resume(options, std::move(scanned->last), scanned->tail, journal); !resumed)
    return tl::unexpected(resumed.error());
  for (const auto& path : names->unfinished) {
    if (auto removed = files.remove(path); !removed) {
      return tl::unexpected(to_error(removed.error(), "remove", path));
    }
  }
  return journal;
}

}  // namespace hhgrid::storage
