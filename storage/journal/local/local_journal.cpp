#include "storage/journal/local/local_journal.hpp"

#include <map>

#include <kj/debug.h>
#include <spdlog/spdlog.h>

#include "storage/journal/local/local_journal_group.hpp"
#include "storage/journal/local/local_journal_index.hpp"
#include "storage/journal/local/local_journal_recovery.hpp"
#include "storage/journal/local/read_blocks.hpp"
#include "storage/journal/local/segment_writer.hpp"

namespace hhgrid::storage {
namespace {

/// How much a new subscriber is given at a time of what is there already.
constexpr std::size_t catch_up_bytes = std::size_t{8} << 20;

}  // namespace

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

tl::expected<std::unique_ptr<LocalJournal>, Error> LocalJournal::open(LocalJournalOptions options) {
  KJ_REQUIRE(options.partition_count > 0 && options.segment_bytes > 0);
  if (!options.files) options.files = make_file_system();
  std::unique_ptr<LocalJournal> journal(new LocalJournal(std::move(options)));
  if (auto recovered = journal->recover(); !recovered) return tl::unexpected(recovered.error());
  return journal;
}

tl::expected<void, Error> LocalJournal::recover() {
  auto recovered = recover_journal(options_, *index_);
  if (!recovered) return tl::unexpected(recovered.error());
  directory_lock_ = std::move(recovered->directory_lock);
  journal_id_ = recovered->id;
  writer_ = std::move(recovered->writer);
  status_.blocks_recovered = index_->block_count();
  status_.torn_bytes_cut = recovered->torn_bytes_cut;
  status_.torn_path = std::move(recovered->torn_path);
  status_.torn_offset = recovered->torn_offset;
  return {};
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

// -- reading -------------------------------------------------------------------------------------

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
  return read_blocks(partition, found);
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
