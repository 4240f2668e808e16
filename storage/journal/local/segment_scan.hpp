#pragma once

#include <functional>
#include <optional>

#include "storage/disk/file.hpp"
#include "storage/journal/local/segment.hpp"

namespace hhgrid::storage {

/// Reads a file front to back, or with jumps forward, through a buffer that stays in the
/// processor's cache.
class ReadWindow {
 public:
  explicit ReadWindow(const File& file) : file_(file) {}
  /// The bytes [offset, offset + bytes), 8-byte aligned when `offset` is; shorter only at the end
  /// of the file. Valid until the next call.
  SystemResult<std::span<const std::byte>> view(std::uint64_t offset, std::size_t bytes);

 private:
  const File& file_;
  std::vector<std::uint64_t> buffer_;
  std::uint64_t start_ = 0;
  std::size_t size_ = 0;
};

/// What a segment says of itself, verified.
struct SegmentHead {
  SegmentHeader header;
  Checkpoint checkpoint;
  std::uint64_t frames_offset = 0;  ///< Where the block frames begin.
};

/// Reads and verifies header and checkpoint. `number`, `grid_id` and `partition_count` are what
/// they must be. Errors: newer_format, foreign, damaged, io; each names path, offset and cause.
tl::expected<SegmentHead, Error> read_segment_head(const File& file,
                                                   const std::filesystem::path& path,
                                                   std::uint64_t number, GridId grid_id,
                                                   std::uint16_t partition_count);

/// A damaged record: "<path> is damaged at byte <offset>: <cause>."
Error damaged_at(const std::filesystem::path& path, std::uint64_t offset, std::string_view cause);

/// Where a segment's frames end.
struct SegmentTail {
  std::uint64_t end = 0;
  /// Bytes from `end` to the last one that is not zero: what a crash left of a write. 0 when it
  /// ends cleanly.
  std::uint64_t torn_bytes = 0;
};

/// Called for each block frame in order; an error of its own stops the scan.
using OnFrame =
    std::function<tl::expected<void, Error>(std::uint64_t offset, const FrameHeader& header)>;

/// Verifies the block frames of a segment that a later one follows: they must fill [from, end)
/// exactly. Returns whether it is sealed. Errors: damaged, io, and those of `on_frame`.
tl::expected<bool, Error> scan_followed_segment(const File& file, const std::filesystem::path& path,
                                                std::uint64_t number, std::uint64_t from,
                                                std::uint64_t end, const OnFrame& on_frame);

/// Verifies the block frames of the last segment, which a crash may have torn (see segment.hpp for
/// how that is told from damage). Errors: damaged (also when it is sealed: its successor is gone),
/// io, and those of `on_frame`.
tl::expected<SegmentTail, Error> scan_last_segment(const File& file,
                                                   const std::filesystem::path& path,
                                                   std::uint64_t number, std::uint64_t from,
                                                   const OnFrame& on_frame);

}  // namespace hhgrid::storage
