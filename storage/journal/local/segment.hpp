#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "storage/journal/journal.hpp"
#include "storage/wire/block.hpp"
#include "storage/wire/grid_id.hpp"

namespace hhgrid::storage {

// The local journal's log on disk.
//
//   segment file `journal-000000000042.log` = SegmentHeader, checkpoint frame, block frames, seal
//   frame (once a successor exists), zeros (preallocated)
//   frame = FrameHeader, payload (a whole number of 8-byte words)
//
// All numbers are little-endian. A segment gets its name only when its header and checkpoint are
// durable, so a file of that name without them is damaged, not unfinished. Segments are numbered
// without gaps; only the oldest are deleted.
//
// A segment is sealed when its successor is durable under its name and before anything is written
// there. So a sealed segment without a successor has lost acknowledged blocks, and a segment that
// is not sealed has lost none: a crash between the two leaves a successor without blocks, which the
// next open seals.
//
// A group is what one write and one sync made durable. Each frame carries the offset at which its
// group began: everything before that was durable, and acknowledged, when the frame was written. So
// after a frame that does not hold
//  - a good frame whose group began later proves that acknowledged bytes were lost: damaged;
//  - good frames of the same group, or none, are what a crash leaves of a write that was never
//  acknowledged: torn.

inline constexpr std::uint32_t segment_format = 2;
/// Payloads are smaller, so that a frame's length is a u32.
inline constexpr std::size_t payload_bytes_max = std::size_t{1} << 30;

/// The first 64 bytes of a segment.
struct SegmentHeader {
  std::array<char, 8> magic{'H', 'H', 'G', 'R', 'I', 'D', 'J', '\0'};
  std::uint32_t format_version = segment_format;
  std::uint32_t partition_count = 0;
  GridId grid_id;
  std::uint64_t number = 0;
  JournalId journal_id;        ///< The same in all segments.
  std::uint64_t checksum = 0;  ///< XXH3-64 of the bytes before it.
};
static_assert(sizeof(SegmentHeader) == 64);

enum class FrameKind : std::uint16_t { block = 1, checkpoint = 2, seal = 3 };

/// Before every payload. A checkpoint has partition, entry_count, block and digest zero; a seal has
/// no payload either.
struct FrameHeader {
  static constexpr std::uint32_t magic_value = 0x4a484648;  ///< "HFHJ"

  std::uint32_t magic = magic_value;
  FrameKind kind = FrameKind::block;
  PartitionId partition = 0;
  std::uint32_t total_bytes = 0;  ///< Of header and payload.
  std::uint32_t payload_bytes = 0;
  std::uint32_t entry_count = 0;
  std::uint32_t reserved = 0;
  BlockNumber block = 0;
  std::uint64_t digest = 0;  ///< The partition's rolling digest at this block.
  std::uint64_t reserved_too = 0;
  std::uint64_t group_offset = 0;  ///< Where this frame's group begins in the segment.
  std::uint64_t checksum = 0;
};
static_assert(sizeof(FrameHeader) == 64);

/// Where every segment's checkpoint frame stands.
inline constexpr std::uint64_t checkpoint_offset = sizeof(SegmentHeader);

/// XXH3-64 of a payload; can be computed before the frame has its place.
std::uint64_t hash_payload(std::span<const std::byte> payload);
/// The frame's checksum: XXH3-64 of the header with the payload's hash in the checksum's place,
/// seeded with the segment's number and the frame's offset, so that a frame holds only where it was
/// written.
std::uint64_t frame_checksum(FrameHeader header, std::uint64_t payload_hash, std::uint64_t segment,
                             std::uint64_t offset);
/// Whether the lengths, kind and offsets can be those of a frame at `offset` in a file of
/// `file_bytes`.
bool is_plausible(const FrameHeader& header, std::uint64_t offset, std::uint64_t file_bytes);

std::uint64_t header_checksum(const SegmentHeader& header);

/// What a new segment has to carry over, so that the segments before it can be deleted.
struct Checkpoint {
  struct Partition {
    BlockNumber end = 0;       ///< Last block before this segment.
    std::uint64_t digest = 0;  ///< The rolling digest at it.
    friend bool operator==(const Partition&, const Partition&) = default;
  };
  std::uint64_t previous_end =
      0;  ///< Where the frames of the segment before end; 0 for the first segment.
  std::vector<Partition> partitions;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// Words: previous_end, partition count; per partition: end, digest.
std::vector<std::uint64_t> encode(const Checkpoint& checkpoint);
/// Nothing when the words are not what `encode` makes.
std::optional<Checkpoint> decode_checkpoint(std::span<const std::uint64_t> words);

/// `journal-000000000042.log`
std::string segment_name(std::uint64_t number);
/// Nothing for any other name.
std::optional<std::uint64_t> parse_segment_name(std::string_view name);
/// What a segment is called until it is complete.
inline constexpr std::string_view unfinished_suffix = ".new";

}  // namespace hhgrid::storage
