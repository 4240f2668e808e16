#include "storage/journal/local/local_journal_index.hpp"

#include <algorithm>

#include <kj/debug.h>

namespace hhgrid::storage {

JournalIndex::JournalIndex(std::uint16_t partition_count, std::size_t batch_window)
    : batch_window_(batch_window), partitions_(partition_count) {}

void JournalIndex::restore(const Checkpoint& checkpoint) {
  KJ_REQUIRE(checkpoint.partitions.size() == partitions_.size() && segments_.empty());
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    partitions_[i].end = checkpoint.partitions[i].end;
    for (const auto& batch : checkpoint.partitions[i].taken) remember(partitions_[i], batch);
  }
}

bool JournalIndex::continues(const Checkpoint& checkpoint) const {
  return std::equal(partitions_.begin(), partitions_.end(), checkpoint.partitions.begin(),
                    checkpoint.partitions.end(),
                    [](const auto& ours, const auto& theirs) { return ours.end == theirs.end; });
}

void JournalIndex::add_segment(RetainedSegment segment) {
  KJ_REQUIRE(segments_.empty() || segment.number == segments_.back().number + 1, segment.number);
  segment.last.resize(partitions_.size());
  segments_.push_back(std::move(segment));
}

void JournalIndex::add(PartitionId id, BatchId batch_id, const FrameLocation& location) {
  Partition& partition = partitions_[id];
  RetainedSegment& segment = segments_.back();
  KJ_REQUIRE(location.first == partition.end + 1 && location.entry_count > 0, id, location.first,
             partition.end);
  KJ_REQUIRE(location.segment == segment.number, location.segment, segment.number);
  partition.end = location.last();
  partition.retained.push_back(location);
  segment.last[id] = partition.end;
  segment.end = location.offset + sizeof(FrameHeader) + location.payload_bytes;
  remember(partition, {batch_id, location.first});
}

std::size_t JournalIndex::block_count() const {
  std::size_t count = 0;
  for (const auto& partition : partitions_) count += partition.retained.size();
  return count;
}

Position JournalIndex::first_retained(PartitionId partition) const {
  const auto& retained = partitions_[partition].retained;
  return retained.empty() ? partitions_[partition].end + 1 : retained.front().first;
}

std::optional<Position> JournalIndex::find_batch(PartitionId partition, BatchId batch_id) const {
  const auto& first_of = partitions_[partition].first_of;
  const auto found = first_of.find(batch_id);
  if (found == first_of.end()) return std::nullopt;
  return found->second;
}

std::vector<JournalIndex::Found> JournalIndex::find(PartitionId partition, Position from,
                                                    std::size_t bytes_max) const {
  KJ_REQUIRE(from >= first_retained(partition), partition, from);
  const auto& retained = partitions_[partition].retained;
  auto at = std::lower_bound(
      retained.begin(), retained.end(), from,
      [](const FrameLocation& location, Position position) { return location.last() < position; });
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
  for (const auto& partition : partitions_) {
    const std::size_t count = std::min(batch_window_, partition.taken.size());
    checkpoint.partitions.push_back(
        {partition.end,
         {partition.taken.end() - static_cast<std::ptrdiff_t>(count), partition.taken.end()}});
  }
  return checkpoint;
}

void JournalIndex::release(PartitionId id, Position applied) {
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
      partition.retained.pop_front();
    }
    forget_old_batches(partition);
  }
}

void JournalIndex::remember(Partition& partition, const TakenBatch& batch) {
  partition.taken.push_back(batch);
  partition.first_of[batch.id] = batch.first;
  forget_old_batches(partition);
}

void JournalIndex::forget_old_batches(Partition& partition) {
  while (partition.taken.size() > batch_window_) {
    const TakenBatch& oldest = partition.taken.front();
    if (!partition.retained.empty() && oldest.first >= partition.retained.front().first) break;
    partition.first_of.erase(oldest.id);
    partition.taken.pop_front();
  }
}

}  // namespace hhgrid::storage
