#include "storage/journal/local/local_journal.hpp"

#include <map>

#include <kj/debug.h>

#include "storage/journal/local/local_journal_group.hpp"
#include "storage/journal/local/local_journal_index.hpp"
#include "storage/journal/local/segment_scan.hpp"
#include "storage/journal/local/segment_writer.hpp"

namespace hhgrid::storage {

LocalJournal::LocalJournal(LocalJournalOptions options)
    : options_(std::move(options)),
      index_(std::make_unique<JournalIndex>(options_.partition_count, options_.batch_window)),
      subscriptions_(options_.partition_count) {}

LocalJournal::~LocalJournal() { close(); }

// -- appending -----------------------------------------------------------------------------------

tl::expected<Position, Error> LocalJournal::append(PartitionId partition, Block block) {
  const std::pair<PartitionId, Block> blocks[] = {{partition, std::move(block)}};
  return append_all(blocks).map([](const std::vector<Position>& firsts) { return firsts.front(); });
}

tl::expected<std::vector<Position>, Error> LocalJournal::append_all(
    std::span<const std::pair<PartitionId, Block>> blocks) {
  if (blocks.empty()) return std::vector<Position>{};
  // Checked and hashed here, side by side with other appenders, before anyone waits.
  Waiter waiter;
  waiter.blocks = blocks;
  for (const auto& [partition, block] : blocks) {
    KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
    KJ_REQUIRE(block.words != nullptr && block.entry_count > 0, partition, block.entry_count);
    const auto payload = payload_of(block);
    KJ_REQUIRE(payload.size() <= payload_bytes_max, partition, payload.size());
    waiter.payload_hashes.push_back(hash_payload(payload));
    waiter.bytes += sizeof(FrameHeader) + payload.size();
  }

  std::unique_lock lock(mutex_);
  KJ_REQUIRE(leader_ != std::this_thread::get_id(), "a sink appends to its own journal");
  if (closed_) return tl::unexpected(*closed_);
  queue_.push_back(&waiter);
  waiter.wake.wait(lock, [&] {
    return waiter.done || (leader_ == std::thread::id{} && queue_.front() == &waiter);
  });
  if (!waiter.done) lead(lock);
  if (waiter.error) return tl::unexpected(std::move(*waiter.error));
  return std::move(waiter.firsts);
}

/// Writes one group for everybody in it, then wakes whoever is first of the others. An exception in
/// between would leave them waiting for ever, hence noexcept.
void LocalJournal::lead(std::unique_lock<std::mutex>& lock) noexcept {
  leader_ = std::this_thread::get_id();
  Group group = take_group();
  auto written = tl::expected<void, Error>{};
  if (!group.frames.empty()) {
    if (writer_->is_broken()) {
      written = tl::unexpected(*closed_);
    } else {
      lock.unlock();
      written = write(group);
      lock.lock();
    }
  }
  if (written) {
    publish(group);
    lock.unlock();
    for (const auto& delivery : group.deliveries) delivery.run();
    lock.lock();
  } else {
    fail(group, written.error());
  }
  for (Waiter* waiter : group.waiters) {
    waiter->done = true;
    waiter->wake.notify_one();
  }
  leader_ = {};
  if (queue_.empty()) {
    idle_.notify_all();
  } else {
    queue_.front()->wake.notify_one();
  }
}

/// Takes waiters in the order they came and gives their blocks positions, which hold only once the
/// group is written.
LocalJournal::Group LocalJournal::take_group() {
  Group group;
  std::map<PartitionId, Position> ends;
  std::map<std::pair<PartitionId, BatchId>, Position> taken;
  while (!queue_.empty() && (group.waiters.empty() ||
                             group.bytes + queue_.front()->bytes <= options_.group_bytes_max)) {
    Waiter& waiter = *queue_.front();
    queue_.pop_front();
    group.waiters.push_back(&waiter);
    group.bytes += waiter.bytes;
    for (std::size_t i = 0; i < waiter.blocks.size(); ++i) {
      const auto& [partition, block] = waiter.blocks[i];
      if (const auto first = index_->find_batch(partition, block.batch_id)) {
        waiter.firsts.push_back(*first);
        ++group.repeated;
        continue;
      }
      Position& end = ends.try_emplace(partition, index_->end(partition)).first->second;
      const auto [batch, is_new] = taken.try_emplace({partition, block.batch_id}, end + 1);
      waiter.firsts.push_back(batch->second);
      if (!is_new) {
        ++group.repeated;
        continue;
      }
      group.add(partition, end + 1, block, waiter.payload_hashes[i]);
      end += block.entry_count;
    }
  }
  return group;
}

tl::expected<void, Error> LocalJournal::write(Group& group) {
  if (!writer_->has_room(group.frame_bytes)) {
    std::unique_lock lock(mutex_);
    const Checkpoint checkpoint = index_->checkpoint();
    lock.unlock();
    const auto number = writer_->segment().number + 1;
    if (auto started = writer_->start(number, checkpoint); !started) return started;
    lock.lock();
    const auto& segment = writer_->segment();
    index_->add_segment({segment.number, segment.path, segment.file, segment.end, {}});
  }
  return writer_->append(group.frames);
}

void LocalJournal::publish(Group& group) {
  const std::uint64_t segment = writer_->segment().number;
  for (std::size_t i = 0; i < group.frames.size(); ++i) {
    const auto& [header, hash, payload, offset] = group.frames[i];
    index_->add(header.partition, header.batch_id,
                {header.first, header.entry_count, header.payload_bytes, segment, offset});
    if (auto& subscription = subscriptions_[header.partition]) {
      group.deliveries.push_back({subscription, {header.first, *group.blocks[i]}});
    }
  }
  status_.blocks_appended += group.frames.size();
  status_.blocks_repeated += group.repeated;
  if (!group.frames.empty()) ++status_.groups_written;
}

void LocalJournal::fail(Group& group, const Error& error) {
  for (Waiter* waiter : group.waiters) waiter->error = error;
  if (writer_->is_broken() && !broken_) {
    broken_ = true;
    closed_ =
        Error{Errc::closed,
              "The journal in " + options_.directory.string() +
                  " is closed since a write failed; restart the program to read what is on disk. " +
                  error.text};
    for (Waiter* waiter : group.waiters)
      waiter->error->text += " The journal is closed; restart the program.";
  }
}

void LocalJournal::close() {
  std::unique_lock lock(mutex_);
  KJ_REQUIRE(leader_ != std::this_thread::get_id(), "a sink closes its own journal");
  if (!closed_) {
    closed_ = Error{Errc::closed, "The journal in " + options_.directory.string() + " is closed."};
  }
  idle_.wait(lock, [&] { return queue_.empty() && leader_ == std::thread::id{}; });
}

}  // namespace hhgrid::storage
