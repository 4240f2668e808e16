#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include <tl/expected.hpp>

#include "storage/disk/file.hpp"
#include "storage/journal/local/segment.hpp"

namespace hhgrid::storage {

/// A segment that the log still has.
struct RetainedSegment {
  std::uint64_t number = 0;
  std::filesystem::path path;
  std::shared_ptr<const File> file;
  std::uint64_t end = 0;          ///< Where its frames end.
  std::vector<BlockNumber> last;  ///< Per partition: its last block in here; 0 when it has none.
};

/// Where a block stands in the log.
struct FrameLocation {
  BlockNumber block = 0;
  std::uint32_t entry_count = 0;
  std::uint32_t payload_bytes = 0;
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  std::uint64_t digest = 0;
};

/// What the log holds: where each partition's blocks are, their rolling digests, what may be
/// deleted. A pure fold of the frames; not thread-safe.
class JournalIndex {
 public:
  explicit JournalIndex(std::uint16_t partition_count);

  // -- building ---------------------------------------------------------------------------------

  /// Takes over what the oldest segment carries from before it.
  void restore(const Checkpoint& checkpoint);
  /// Whether a later segment's checkpoint continues where this index stands.
  bool continues(const Checkpoint& checkpoint) const;
  void add_segment(RetainedSegment segment);
  /// A block in the newest segment; its number is end + 1.
  void add(PartitionId partition, const FrameLocation& location);

  // -- asking -----------------------------------------------------------------------------------

  std::size_t partition_count() const { return partitions_.size(); }
  /// Blocks in the log, of all partitions.
  std::size_t block_count() const;
  BlockNumber end(PartitionId partition) const { return partitions_[partition].end; }
  /// The lowest block that can be read; end + 1 when there is none.
  BlockNumber first_retained(PartitionId partition) const;
  /// The rolling digest at the last block; 0 before the first.
  std::uint64_t end_digest(PartitionId partition) const;
  /// The rolling digest at a block from first_retained - 1 to end; nothing for another.
  std::optional<std::uint64_t> digest(PartitionId partition, BlockNumber block) const;
  struct Found {
    FrameLocation location;
    std::filesystem::path path;
    std::shared_ptr<const File> file;
  };
  /// The block `from` and those after it, up to about `bytes_max`, at least one; none
  /// past the end. `from` must not be before first_retained.
  std::vector<Found> find(PartitionId partition, BlockNumber from, std::size_t bytes_max) const;
  /// What a segment that starts now carries over.
  Checkpoint checkpoint() const;
  const std::deque<RetainedSegment>& segments() const { return segments_; }
  /// The length of all segments.
  std::uint64_t bytes() const;

  // -- trimming ---------------------------------------------------------------------------------

  void release(PartitionId partition, BlockNumber applied);
  /// Whether every block in the oldest segment is released and a newer segment exists.
  bool oldest_is_released() const;
  /// Partitions with a block that is not released in a segment that has to go before the log is at
  /// most `bytes_max` long; the newest segment never has to.
  std::vector<PartitionId> holding_back(std::uint64_t bytes_max) const;
  /// Forgets the oldest segment.
  void drop_oldest();

 private:
  struct Partition {
    BlockNumber end = 0, released = 0;
    std::uint64_t digest_before = 0;  ///< At the block before the first retained.
    std::deque<FrameLocation> retained;
  };
  bool holds(PartitionId partition, const RetainedSegment& segment) const {
    return segment.last[partition] > partitions_[partition].released;
  }

  std::vector<Partition> partitions_;
  std::deque<RetainedSegment> segments_;  ///< Numbers without gaps.
};

}  // namespace hhgrid::storage
