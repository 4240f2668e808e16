#pragma once

#include <memory>
#include <span>

#include "storage/disk/file.hpp"
#include "storage/journal/local/segment.hpp"

namespace hhgrid::storage {

/// A block on its way into the log.
struct PendingFrame {
  FrameHeader header;  ///< The writer sets group offset and checksum.
  std::uint64_t payload_hash = 0;
  std::span<const std::byte> payload;
  std::uint64_t offset = 0;  ///< Set by the writer: where it stands in the segment.
};

/// Appends groups of frames to the newest segment, and starts new ones. Not thread-safe.
/// A failure leaves no trace of what was to be written; after one other than no_space the writer is
/// broken for good.
class SegmentWriter {
 public:
  struct Options {
    std::shared_ptr<FileSystem> files;
    std::filesystem::path directory;
    GridId grid_id;
    JournalId journal_id;
    std::uint16_t partition_count = 0;
    std::uint64_t segment_bytes = 0;
  };
  struct Segment {
    std::uint64_t number = 0;
    std::filesystem::path path;
    std::shared_ptr<File> file;
    std::uint64_t frames_offset = 0;  ///< Where block frames begin.
    std::uint64_t end = 0;            ///< Where the next goes.
    std::uint64_t allocated = 0;      ///< Bytes of the file, preallocated ones included.
  };

  explicit SegmentWriter(Options options) : options_(std::move(options)) {}

  /// Goes on in a segment that was found on disk.
  void resume(Segment segment) { segment_ = std::move(segment); }
  /// Makes a segment with this checkpoint, durable under its name, seals the one before it, and
  /// goes on in it. On failure the old one stays.
  tl::expected<void, Error> start(std::uint64_t number, const Checkpoint& checkpoint);
  /// Whether a group of that size should still go into this segment: an empty segment takes any.
  bool has_room(std::uint64_t bytes) const;
  /// One write, one sync. Durable when it returns without an error.
  tl::expected<void, Error> append(std::span<PendingFrame> frames);

  /// Says durably in a segment whose frames end at `end` that a successor exists.
  static SystemResult<void> seal(File& file, std::uint64_t number, std::uint64_t end);

  const Segment& segment() const { return segment_; }
  bool is_broken() const { return broken_; }

 private:
  std::uint64_t capacity() const;
  tl::expected<void, Error> fill(const Segment& segment, const Checkpoint& checkpoint,
                                 std::span<const std::uint64_t> words);
  SystemResult<void> reserve(Segment& segment, std::uint64_t bytes);
  Error roll_back(SystemError cause, std::string_view action);

  Options options_;
  Segment segment_;
  bool broken_ = false;
};

}  // namespace hhgrid::storage
