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
      index_(std::make_unique<JournalIndex>(options_.partition_count)),
      subscriptions_(options_.partition_count) {}

LocalJournal::~LocalJournal() {
  close();
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  async_front_.notify_one();
  if (async_writer_.joinable()) async_writer_.join();
}

// -- appending -----------------------------------------------------------------------------------

void LocalJournal::check(PartitionId partition, const Block& block) const {
  KJ_REQUIRE(partition < options_.partition_count, partition, options_.partition_count);
  KJ_REQUIRE(block.words != nullptr && block.entry_count <= block_entries_max, partition,
             block.entry_count);
  const std::size_t bytes = payload_of(block).size();
  KJ_REQUIRE(bytes <= payload_bytes_max, partition, bytes);
}

tl::expected<BlockNumber, Error> LocalJournal::append(PartitionId partition, Block block) {
  const std::pair<PartitionId, Block> blocks[] = {{partition, std::move(block)}};
  return append_all(blocks).map(
      [](const std::vector<BlockNumber>& numbers) { return numbers.front(); });
}

tl::expected<std::vector<BlockNumber>, Error> LocalJournal::append_all(
    std::span<const std::pair<PartitionId, Block>> blocks) {
  if (blocks.empty()) return std::vector<BlockNumber>{};
  // Checked and hashed here, side by side with other appenders, before anyone waits.
  Waiter waiter;
  waiter.blocks = blocks;
  for (const auto& [partition, block] : blocks) {
    check(partition, block);
    waiter.add(block);
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
  return std::move(waiter.numbers);
}

bool LocalJournal::append_async(PartitionId partition, Block block, Done done) {
  check(partition, block);
  auto append = std::make_unique<AsyncAppend>();
  append->block = {partition, std::move(block)};
  append->on_done = std::move(done);
  append->waiter.blocks = {&append->block, 1};
  append->waiter.async = append.get();
  append->waiter.add(append->block.second);
  const std::uint64_t bytes = append->waiter.bytes;

  std::unique_lock lock(mutex_);
  if (closed_) {
    const Error error = *closed_;
    lock.unlock();
    append->on_done(tl::unexpected(error));
    return true;
  }
  if (async_bytes_ > 0 && async_bytes_ + bytes > options_.async_bytes_max) return false;
  async_bytes_ += bytes;
  queue_.push_back(&append.release()->waiter);
  if (!async_writer_.joinable()) async_writer_ = std::thread([this] { write_async(); });
  if (leader_ == std::thread::id{}) wake_front();
  return true;
}

/// Leads whenever what append_async took is first in the queue and nobody else leads.
void LocalJournal::write_async() {
  std::unique_lock lock(mutex_);
  while (true) {
    async_front_.wait(lock, [&] {
      const bool first =
          !queue_.empty() && queue_.front()->async != nullptr && leader_ == std::thread::id{};
      return first || (stopping_ && queue_.empty());
    });
    if (queue_.empty()) return;
    lead(lock);
  }
}

void LocalJournal::wake_front() {
  Waiter& front = *queue_.front();
  (front.async != nullptr ? async_front_ : front.wake).notify_one();
}

/// Writes one group for everybody in it, then wakes whoever is first of the others. An exception in
/// between would leave them waiting for ever, hence noexcept.
void LocalJournal::lead(std::unique_lock<std::mutex>& lock) noexcept {
  leader_ = std::this_thread::get_id();
  Group group = take_group();
  auto written = tl::expected<void, Error>{};
  if (writer_->is_broken()) {
    written = tl::unexpected(*closed_);
  } else {
    lock.unlock();
    written = write(group);
    lock.lock();
  }
  if (written) {
    publish(group);
    lock.unlock();
    for (const auto& delivery : group.deliveries) delivery.run();
    lock.lock();
  } else {
    fail(group, written.error());
  }
  tell(group, lock);
  leader_ = {};
  if (queue_.empty()) {
    idle_.notify_all();
  } else {
    wake_front();
  }
}

/// Those that wait are woken; the others are called, without the lock.
void LocalJournal::tell(Group& group, std::unique_lock<std::mutex>& lock) noexcept {
  std::vector<std::unique_ptr<AsyncAppend>> called;
  for (Waiter* waiter : group.waiters) {
    if (waiter->async != nullptr) {
      async_bytes_ -= waiter->bytes;
      called.emplace_back(waiter->async);
    } else {
      waiter->done = true;
      waiter->wake.notify_one();
    }
  }
  if (called.empty()) return;
  lock.unlock();
  for (const auto& append : called) {
    if (append->waiter.error)
      append->on_done(tl::unexpected(std::move(*append->waiter.error)));
    else
      append->on_done(append->waiter.numbers.front());
  }
  lock.lock();
}

/// Takes waiters in the order they came and gives their blocks numbers, which hold only once the
/// group is written.
LocalJournal::Group LocalJournal::take_group() {
  Group group;
  std::map<PartitionId, std::pair<BlockNumber, std::uint64_t>> ends;  // and their digests
  while (!queue_.empty() && (group.waiters.empty() ||
                             group.bytes + queue_.front()->bytes <= options_.group_bytes_max)) {
    Waiter& waiter = *queue_.front();
    queue_.pop_front();
    group.waiters.push_back(&waiter);
    group.bytes += waiter.bytes;
    for (std::size_t i = 0; i < waiter.blocks.size(); ++i) {
      const auto& [partition, block] = waiter.blocks[i];
      auto known = ends.find(partition);
      if (known == ends.end())
        known = ends.emplace(partition,
                             std::pair(index_->end(partition), index_->end_digest(partition)))
                    .first;
      auto& [end, digest] = known->second;
      digest = rolling_digest(digest, waiter.payload_hashes[i]);
      group.add(partition, ++end, digest, block, waiter.payload_hashes[i]);
      waiter.numbers.push_back(end);
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
    index_->add(header.partition, {header.block, header.entry_count, header.payload_bytes, segment,
                                   offset, header.digest});
    if (auto& subscription = subscriptions_[header.partition]) {
      group.deliveries.push_back({subscription, {header.block, *group.blocks[i], header.digest}});
    }
  }
  status_.blocks_appended += group.frames.size();
  ++status_.groups_written;
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
