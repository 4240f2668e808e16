#include "storage/journal/local/local_journal_index.hpp"

#include <algorithm>

#include <kj/debug.h>

namespace hhgrid::storage {

JournalIndex::JournalIndex(std::uint16_t partition_count) : partitions_(partition_count) {}

void JournalIndex::restore(const Checkpoint& checkpoint) {
  KJ_REQUIRE(checkpoint.partitions.size() == partitions_.size() && segments_.empty());
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    partitions_[i].end = checkpoint.partitions[i].end;
    partitions_[i].digest_before = checkpoint.partitions[i].digest;
  }
}

bool JournalIndex::continues(const Checkpoint& checkpoint) const {
  if (checkpoint.partitions.size() != partitions_.size()) return false;
  for (std::size_t id = 0; id < partitions_.size(); ++id)
    if (checkpoint.partitions[id] !=
        Checkpoint::Partition{partitions_[id].end, end_digest(static_cast<PartitionId>(id))})
      return false;
  return true;
}

void JournalIndex::add_segment(RetainedSegment segment) {
  KJ_REQUIRE(segments_.empty() || segment.number == segments_.back().number + 1, segment.number);
  segment.last.resize(partitions_.size());
  segments_.push_back(std::move(segment));
}

void JournalIndex::add(PartitionId id, const FrameLocation& location) {
  Partition& partition = partitions_[id];
  RetainedSegment& segment = segments_.back();
  KJ_REQUIRE(location.block == partition.end + 1, id, location.block, partition.end);
  KJ_REQUIRE(location.segment == segment.number, location.segment, segment.number);
  partition.end = location.block;
  partition.retained.push_back(location);
  segment.last[id] = partition.end;
  segment.end = location.offset + sizeof(FrameHeader) + location.payload_bytes;
}

std::size_t JournalIndex::block_count() const {
  std::size_t count = 0;
  for (const auto& partition : partitions_) count += partition.retained.size();
  return count;
}

BlockNumber JournalIndex::first_retained(PartitionId partition) const {
  const auto& retained = partitions_[partition].retained;
  return retained.empty() ? partitions_[partition].end + 1 : retained.front().block;
}

std::uint64_t JournalIndex::end_digest(PartitionId id) const {
  const Partition& partition = partitions_[id];
  return partition.retained.empty() ? partition.digest_before : partition.retained.back().digest;
}

std::optional<std::uint64_t> JournalIndex::digest(PartitionId id, BlockNumber block) const {
  const Partition& partition = partitions_[id];
  if (block > partition.end) return std::nullopt;
  const BlockNumber first = first_retained(id);
  if (block >= first) return partition.retained[block - first].digest;
  return block + 1 == first ? std::optional(partition.digest_before) : std::nullopt;
}

std::vector<JournalIndex::Found> JournalIndex::find(PartitionId partition, BlockNumber from,
                                                    std::size_t bytes_max) const {
  KJ_REQUIRE(from >= first_retained(partition), partition, from);
  const auto& retained = partitions_[partition].retained;
  if (retained.empty() || from > partitions_[partition].end) return {};
  auto at = retained.begin() + static_cast<std::ptrdiff_t>(from - retained.front().block);
  std::vector<Found> found;
  std::size_t bytes = 0;
  for (; at != retained.end(); ++at) {
    bytes += at->payload_bytes;
    if (!found.empty() && bytes > bytes_max) break;
    const auto& segment = segments_[at->segment - segments_.front().number];
    found.push_back({*at, segment.path, segment.file});
  }
  return found;
}

Checkpoint JournalIndex::checkpoint() const {
  Checkpoint checkpoint;
  if (!segments_.empty()) checkpoint.previous_end = segments_.back().end;
  for (std::size_t id = 0; id < partitions_.size(); ++id)
    checkpoint.partitions.push_back(
        {partitions_[id].end, end_digest(static_cast<PartitionId>(id))});
  return checkpoint;
}

void JournalIndex::release(PartitionId id, BlockNumber applied) {
  Partition& partition = partitions_[id];
  // A state that is ahead of its journal is a fault of whoever opened both; nothing to delete twice
  // here.
  partition.released = std::max(partition.released, std::min(applied, partition.end));
}

std::uint64_t JournalIndex::bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& segment : segments_) bytes += segment.end;
  return bytes;
}

bool JournalIndex::oldest_is_released() const {
  if (segments_.size() < 2) return false;
  for (std::size_t id = 0; id < partitions_.size(); ++id)
    if (holds(static_cast<PartitionId>(id), segments_.front())) return false;
  return true;
}

std::vector<PartitionId> JournalIndex::holding_back(std::uint64_t bytes_max) const {
  std::vector<bool> holding(partitions_.size());
  std::uint64_t left = bytes();
  for (std::size_t i = 0; i + 1 < segments_.size() && left > bytes_max; ++i) {
    left -= segments_[i].end;
    for (std::size_t id = 0; id < partitions_.size(); ++id)
      if (holds(static_cast<PartitionId>(id), segments_[i])) holding[id] = true;
  }
  std::vector<PartitionId> ids;
  for (std::size_t id = 0; id < partitions_.size(); ++id)
    if (holding[id]) ids.push_back(static_cast<PartitionId>(id));
  return ids;
}

void JournalIndex::drop_oldest() {
  const std::uint64_t dropped = segments_.front().number;
  segments_.pop_front();
  for (auto& partition : partitions_) {
    while (!partition.retained.empty() && partition.retained.front().segment == dropped) {
      partition.digest_before = partition.retained.front().digest;
      partition.retained.pop_front();
    }
  }
}

}  // namespace hhgrid::storage
