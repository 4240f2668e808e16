#include "storage/journal/local/segment_writer.hpp"

#include <algorithm>
#include <cerrno>

#include <kj/debug.h>

namespace hhgrid::storage {

namespace {

/// Segments are at least this many times their checkpoint, so that many partitions do not drown the
/// log in checkpoints.
constexpr std::uint64_t checkpoint_share = 16;
constexpr std::uint64_t seal_bytes = sizeof(FrameHeader);

iovec part_of(const void* data, std::size_t bytes) { return {const_cast<void*>(data), bytes}; }

}  // namespace

std::uint64_t SegmentWriter::capacity() const {
  return std::max(options_.segment_bytes, segment_.frames_offset * checkpoint_share);
}

/// With the seal, which must not find the disk full.
bool SegmentWriter::has_room(std::uint64_t bytes) const {
  return segment_.end == segment_.frames_offset || segment_.end + bytes + seal_bytes <= capacity();
}

SystemResult<void> SegmentWriter::reserve(Segment& segment, std::uint64_t bytes) {
  if (bytes <= segment.allocated) return {};
  auto reserved = segment.file->allocate(segment.allocated, bytes - segment.allocated);
  // Not every file system can; there a write finds out that the disk is full.
  if (!reserved && reserved.error().number != EOPNOTSUPP) return reserved;
  if (reserved) segment.allocated = bytes;
  return {};
}

tl::expected<void, Error> SegmentWriter::start(std::uint64_t number, const Checkpoint& checkpoint) {
  const auto words = encode(checkpoint);
  const std::uint64_t checkpoint_bytes = sizeof(FrameHeader) + words.size() * sizeof words[0];
  KJ_REQUIRE(checkpoint_bytes <= payload_bytes_max, checkpoint_bytes);
  Segment segment;
  segment.number = number;
  segment.path = options_.directory / segment_name(number);
  segment.frames_offset = segment.end = checkpoint_offset + checkpoint_bytes;

  auto unfinished = segment.path;
  unfinished += unfinished_suffix;
  auto file = options_.files->open(unfinished, OpenMode::create);
  if (!file) {
    broken_ = !is_no_space(file.error());
    return tl::unexpected(to_error(file.error(), "create", unfinished));
  }
  segment.file = std::move(*file);
  const auto size = std::max(options_.segment_bytes, segment.frames_offset * checkpoint_share);
  auto filled =
      reserve(segment, size)
          .map_error([&](SystemError e) { return to_error(e, "reserve space in", unfinished); })
          .and_then([&] { return fill(segment, checkpoint, words); });
  if (!filled) {
    // Whatever stays of it is overwritten by the next try or removed at the next open.
    (void)options_.files->remove(unfinished);
    broken_ = filled.error().code != Errc::no_space;
    return filled;
  }
  auto renamed = options_.files->rename(unfinished, segment.path);
  if (renamed) renamed = options_.files->sync_directory(options_.directory);
  if (!renamed) {
    // The name may or may not be on disk: only an open, which looks, can go on from here.
    broken_ = true;
    return tl::unexpected(Error{Errc::io, to_error(renamed.error(), "name", segment.path).text});
  }
  if (segment_.file) {
    if (auto sealed = seal(*segment_.file, segment_.number, segment_.end); !sealed) {
      // The new segment is there, and nothing may be written before the old one is sealed.
      broken_ = true;
      return tl::unexpected(Error{Errc::io, to_error(sealed.error(), "seal", segment_.path).text});
    }
    // Gives back what the full segment did not use. It would only waste space, its end stands in
    // the new checkpoint.
    (void)segment_.file->truncate(segment_.end + seal_bytes);
  }
  segment_ = std::move(segment);
  return {};
}

SystemResult<void> SegmentWriter::seal(File& file, std::uint64_t number, std::uint64_t end) {
  FrameHeader frame;
  frame.kind = FrameKind::seal;
  frame.total_bytes = static_cast<std::uint32_t>(sizeof frame);
  frame.group_offset = end;
  frame.checksum = frame_checksum(frame, hash_payload({}), number, end);
  auto written = write_fully(file, {part_of(&frame, sizeof frame)}, end);
  if (written) written = file.sync();
  return written;
}

tl::expected<void, Error> SegmentWriter::fill(const Segment& segment, const Checkpoint& checkpoint,
                                              std::span<const std::uint64_t> words) {
  SegmentHeader header;
  header.partition_count = static_cast<std::uint32_t>(checkpoint.partitions.size());
  header.grid_id = options_.grid_id;
  header.journal_id = options_.journal_id;
  header.number = segment.number;
  header.checksum = header_checksum(header);
  FrameHeader frame;
  frame.kind = FrameKind::checkpoint;
  frame.payload_bytes = static_cast<std::uint32_t>(words.size_bytes());
  frame.total_bytes = frame.payload_bytes + static_cast<std::uint32_t>(sizeof frame);
  frame.checksum =
      frame_checksum(frame, hash_payload(std::as_bytes(words)), segment.number, checkpoint_offset);
  auto written = write_fully(*segment.file,
                             {part_of(&header, sizeof header), part_of(&frame, sizeof frame),
                              part_of(words.data(), words.size_bytes())},
                             0);
  if (written) written = segment.file->sync();
  return written.map_error([&](SystemError e) { return to_error(e, "write", segment.path); });
}

tl::expected<void, Error> SegmentWriter::append(std::span<PendingFrame> frames) {
  KJ_REQUIRE(!broken_);
  std::vector<iovec> parts;
  parts.reserve(frames.size() * 2);
  std::uint64_t offset = segment_.end;
  for (auto& frame : frames) {
    frame.offset = offset;
    frame.header.group_offset = segment_.end;
    frame.header.checksum =
        frame_checksum(frame.header, frame.payload_hash, segment_.number, offset);
    parts.push_back(part_of(&frame.header, sizeof frame.header));
    parts.push_back(part_of(frame.payload.data(), frame.payload.size()));
    offset += frame.header.total_bytes;
  }
  if (auto reserved = reserve(segment_, std::max(capacity(), offset + seal_bytes)); !reserved) {
    return tl::unexpected(roll_back(reserved.error(), "reserve space in"));
  }
  if (auto written = write_fully(*segment_.file, std::move(parts), segment_.end); !written) {
    return tl::unexpected(roll_back(written.error(), "write"));
  }
  if (auto synced = segment_.file->sync(); !synced) {
    return tl::unexpected(roll_back(synced.error(), "sync"));
  }
  segment_.end = offset;
  segment_.allocated = std::max(segment_.allocated, offset);
  return {};
}

Error SegmentWriter::roll_back(SystemError cause, std::string_view action) {
  // Also when the writer breaks: the page cache must not show the next process bytes that the disk
  // may not have.
  auto undone = segment_.file->truncate(segment_.end);
  segment_.allocated = segment_.end;
  // Synced, so that a crash cannot bring back what the appender was told is not stored.
  if (undone && is_no_space(cause)) undone = segment_.file->sync();
  Error error = to_error(cause, action, segment_.path);
  if (is_no_space(cause) && undone) return error;
  broken_ = true;
  error.code = Errc::io;
  if (!undone) error.text += " " + to_error(undone.error(), "undo that in", segment_.path).text;
  return error;
}

}  // namespace hhgrid::storage
