#include "storage/journal/local/local_journal.hpp"

#include <kj/debug.h>
#include <spdlog/spdlog.h>

#include "storage/journal/local/local_journal_group.hpp"
#include "storage/journal/local/local_journal_index.hpp"
#include "storage/journal/local/segment_scan.hpp"

namespace hhgrid::storage {

// -- reading -------------------------------------------------------------------------------------

namespace {

tl::expected<JournalBlock, Error> read_block(PartitionId partition,
                                             const JournalIndex::Found& found) {
  const auto& [location, path, file] = found;
  auto words = kj::heapArray<capnp::word>(location.payload_bytes / sizeof(capnp::word));
  const auto payload = std::as_writable_bytes(std::span(words.begin(), words.size()));
  FrameHeader header;
  auto got = read_fully(*file, std::as_writable_bytes(std::span(&header, 1)), location.offset);
  if (got) got = read_fully(*file, payload, location.offset + sizeof header);
  if (!got) return tl::unexpected(to_error(got.error(), "read", path));
  const bool holds = *got == payload.size() && header.magic == FrameHeader::magic_value &&
                     header.partition == partition && header.first == location.first &&
                     header.entry_count == location.entry_count &&
                     header.payload_bytes == payload.size() &&
                     header.checksum == frame_checksum(header, hash_payload(payload),
                                                       location.segment, location.offset);
  if (!holds) {
    return tl::unexpected(damaged_at(path, location.offset,
                                     "the block of partition " + std::to_string(partition) +
                                         " from position " + std::to_string(location.first) +
                                         " does not hold"));
  }
  return JournalBlock{location.first,
                      {header.batch_id, header.entry_count,
                       std::make_shared<const kj::Array<capnp::word>>(kj::mv(words))}};
}

}  // namespace

tl::expected<std::vector<JournalBlock>, Error> LocalJournal::read(PartitionId partition,
                                                                  Position from,
                                                                  std::size_t bytes_max) {
  KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
  from = std::max<Position>(from, 1);
  std::vector<JournalIndex::Found> found;
  {
    std::lock_guard lock(mutex_);
    const Position first = index_->first_retained(partition);
    if (from < first && from <= index_->end(partition)) {
      return tl::unexpected(
          Error{Errc::trimmed, "The journal in " + options_.directory.string() +
                                   " no longer holds position " + std::to_string(from) +
                                   " of partition " + std::to_string(partition) +
                                   "; the first it holds is " + std::to_string(first) + "."});
    }
    found = index_->find(partition, from, bytes_max);
  }
  std::vector<JournalBlock> blocks;
  blocks.reserve(found.size());
  for (const auto& each : found) {
    auto block = read_block(partition, each);
    if (!block) return tl::unexpected(block.error());
    blocks.push_back(std::move(*block));
  }
  return blocks;
}

Position LocalJournal::end(PartitionId partition) const {
  KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
  std::lock_guard lock(mutex_);
  return index_->end(partition);
}

LocalJournalStatus LocalJournal::status() const {
  std::lock_guard lock(mutex_);
  LocalJournalStatus status = status_;
  status.retained_segments = index_->segments().size();
  status.retained_bytes = index_->bytes();
  return status;
}

std::uint64_t LocalJournal::newest_segment() const {
  std::lock_guard lock(mutex_);
  return index_->segments().back().number;
}

std::vector<PartitionId> LocalJournal::holding_back(std::uint64_t bytes_max) const {
  std::lock_guard lock(mutex_);
  return index_->holding_back(bytes_max);
}

// -- subscribers ---------------------------------------------------------------------------------

void LocalJournal::subscribe(PartitionId partition, Sink sink) {
  KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
  replace_subscription(partition, std::make_shared<Subscription>(std::move(sink)));
}

void LocalJournal::unsubscribe(PartitionId partition) {
  KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
  replace_subscription(partition, nullptr);
}

void LocalJournal::replace_subscription(PartitionId partition,
                                        std::shared_ptr<Subscription> subscription) {
  {
    std::lock_guard lock(mutex_);
    std::swap(subscriptions_[partition], subscription);
  }
  if (subscription) subscription->end();
}

// -- trimming ------------------------------------------------------------------------------------

void LocalJournal::release(PartitionId partition, Position applied) {
  KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
  std::lock_guard trimming(trim_mutex_);
  std::unique_lock lock(mutex_);
  index_->release(partition, applied);
  while (index_->oldest_is_released()) {
    const auto path = index_->segments().front().path;
    lock.unlock();
    // One at a time, each durable: a crash must never leave a gap in the numbers.
    auto removed = options_.files->remove(path);
    const bool is_gone = removed.has_value();
    if (is_gone) removed = options_.files->sync_directory(options_.directory);
    lock.lock();
    if (is_gone) index_->drop_oldest();
    if (removed) continue;
    ++status_.trim_failures;
    status_.last_trim_failure = to_error(removed.error(), "delete", path).text;
    spdlog::error("the journal cannot shrink: {}", status_.last_trim_failure);
    break;
  }
}

}  // namespace hhgrid::storage
