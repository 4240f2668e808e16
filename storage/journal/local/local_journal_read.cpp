#include "storage/journal/local/local_journal.hpp"

#include <kj/debug.h>
#include <spdlog/spdlog.h>

#include "storage/journal/local/local_journal_group.hpp"
#include "storage/journal/local/local_journal_index.hpp"
#include "storage/journal/local/segment_scan.hpp"

namespace hhgrid::storage {

// -- reading -------------------------------------------------------------------------------------

namespace {

/// How much a new subscriber is given at a time of what is there already.
constexpr std::size_t catch_up_bytes = std::size_t{8} << 20;

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
                     header.partition == partition && header.block == location.block &&
                     header.entry_count == location.entry_count &&
                     header.payload_bytes == payload.size() &&
                     header.checksum == frame_checksum(header, hash_payload(payload),
                                                       location.segment, location.offset);
  if (!holds) {
    return tl::unexpected(damaged_at(path, location.offset,
                                     "block " + std::to_string(location.block) + " of partition " +
                                         std::to_string(partition) + " does not hold"));
  }
  return JournalBlock{
      location.block,
      {header.entry_count, std::make_shared<const kj::Array<capnp::word>>(kj::mv(words))},
      header.digest};
}

}  // namespace

tl::expected<std::vector<JournalBlock>, Error> LocalJournal::read(PartitionId partition,
                                                                  BlockNumber from,
                                                                  std::size_t bytes_max) {
  KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
  from = std::max<BlockNumber>(from, 1);
  std::vector<JournalIndex::Found> found;
  {
    std::lock_guard lock(mutex_);
    if (from < index_->first_retained(partition) && from <= index_->end(partition))
      return tl::unexpected(trimmed(partition, from));
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

/// With the lock held.
Error LocalJournal::trimmed(PartitionId partition, BlockNumber block) const {
  return {Errc::trimmed, "The journal in " + options_.directory.string() +
                             " no longer holds block " + std::to_string(block) + " of partition " +
                             std::to_string(partition) + "; the first it holds is " +
                             std::to_string(index_->first_retained(partition)) + "."};
}

BlockNumber LocalJournal::end(PartitionId partition) const {
  KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
  std::lock_guard lock(mutex_);
  return index_->end(partition);
}

tl::expected<std::uint64_t, Error> LocalJournal::digest(PartitionId partition,
                                                        BlockNumber block) const {
  KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
  if (block == 0) return 0;
  std::lock_guard lock(mutex_);
  if (const auto known = index_->digest(partition, block)) return *known;
  const BlockNumber end = index_->end(partition);
  if (block <= end) return tl::unexpected(trimmed(partition, block));
  return tl::unexpected(
      Error{Errc::mismatch, "The journal in " + options_.directory.string() + " ends with block " +
                                std::to_string(end) + " of partition " + std::to_string(partition) +
                                "; block " + std::to_string(block) + " was asked for."});
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

tl::expected<void, Error> LocalJournal::subscribe(PartitionId partition, BlockNumber from,
                                                  Sink sink) {
  KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
  unsubscribe(partition);
  BlockNumber next = std::max<BlockNumber>(from, 1);
  const auto subscription = std::make_shared<Subscription>(std::move(sink));
  while (true) {
    {
      // Blocks published later find the subscription; all before are read.
      std::lock_guard lock(mutex_);
      const BlockNumber end = index_->end(partition);
      // NOLINTNEXTLINE(bugprone-suspicious-semicolon): the macro ends in a loop without a body
      KJ_REQUIRE(next <= end + 1, partition, from, end);
      if (next > end) {
        subscriptions_[partition] = subscription;
        return {};
      }
    }
    auto blocks = read(partition, next, catch_up_bytes);
    if (!blocks) return tl::unexpected(std::move(blocks.error()));
    for (const auto& block : *blocks) subscription->deliver(block);
    next += blocks->size();
  }
}

void LocalJournal::unsubscribe(PartitionId partition) {
  KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
  std::shared_ptr<Subscription> subscription;
  {
    std::lock_guard lock(mutex_);
    std::swap(subscriptions_[partition], subscription);
  }
  if (subscription) subscription->end();
}

// -- trimming ------------------------------------------------------------------------------------

void LocalJournal::release(PartitionId partition, BlockNumber applied) {
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
