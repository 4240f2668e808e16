#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "storage/disk/directory_lock.hpp"
#include "storage/disk/file.hpp"
#include "storage/journal/journal.hpp"
#include "storage/wire/grid_id.hpp"

namespace hhgrid::storage {

struct LocalJournalOptions {
  std::filesystem::path directory;  ///< Made when missing; this journal's alone.
  GridId grid_id;
  std::uint16_t partition_count =
      0;  ///< Partitions 0 ... partition_count - 1; the same at every open.
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;
  /// Blocks that wait are written together up to about this size.
  std::uint64_t group_bytes_max = std::uint64_t{16} << 20;
  /// The credit for asynchronous appends: so much may wait.
  std::uint64_t async_bytes_max = std::uint64_t{16} << 20;
  std::shared_ptr<FileSystem> files;  ///< The operating system's when null.
};

/// What opening found, and what has happened since.
struct LocalJournalStatus {
  std::size_t retained_segments = 0;
  std::uint64_t retained_bytes = 0;    ///< Of frames, without preallocated space.
  std::uint64_t blocks_appended = 0;   ///< Since the open.
  std::uint64_t groups_written = 0;    ///< Waits for durability.
  std::uint64_t blocks_recovered = 0;  ///< Read at the open.
  std::uint64_t torn_bytes_cut =
      0;  ///< Unfinished write of a crash, never acknowledged, cut off at the open.
  std::filesystem::path torn_path;  ///< Where that was.
  std::uint64_t torn_offset = 0;
  std::uint64_t trim_failures =
      0;  ///< Released segments that could not be deleted; tried again at the next release.
  std::string last_trim_failure;
};

/// The embedded home of the journal: one log of numbered segment files for all partitions of the
/// process, made durable with one fdatasync for all appenders that wait (segment.hpp has the
/// format). One process at a time.
///
/// A full disk fails the append with no_space and leaves no trace of it. Any other failure to write
/// closes the journal: after a failed fdatasync the kernel may have dropped the bytes, so only a
/// restart, which reads what is really on disk, goes on.
///
/// A sink must not append to its own journal (an assertion): it runs on the appending thread that
/// writes for all others. Nor may it throw.
class LocalJournal final : public Journal {
 public:
  /// Creates or opens. A write that a crash tore was never acknowledged and is cut off; everything
  /// else that does not hold is an error that names path, offset and cause and changes nothing:
  /// in_use, newer_format, foreign, damaged, no_space, io.
  static tl::expected<std::unique_ptr<LocalJournal>, Error> open(LocalJournalOptions options);
  ~LocalJournal() override;
  LocalJournal(const LocalJournal&) = delete;
  LocalJournal& operator=(const LocalJournal&) = delete;

  JournalId identity() const override { return journal_id_; }
  bool delivers_once() const override { return true; }
  tl::expected<BlockNumber, Error> append(PartitionId partition, Block block) override;
  /// On an error none of the blocks was stored. A crash while it waits may leave the first few; the
  /// retry completes them.
  tl::expected<std::vector<BlockNumber>, Error> append_all(
      std::span<const std::pair<PartitionId, Block>> blocks) override;
  /// A thread of its own, started at the first call, writes when nobody else does. Once the journal
  /// is closed `done` is called at once, with the error.
  bool append_async(PartitionId partition, Block block, Done done) override;
  tl::expected<std::vector<JournalBlock>, Error> read(PartitionId partition, BlockNumber from,
                                                      std::size_t bytes_max) override;
  BlockNumber end(PartitionId partition) const override;
  tl::expected<std::uint64_t, Error> digest(PartitionId partition,
                                            BlockNumber block) const override;
  /// Replaces an earlier subscriber.
  tl::expected<void, Error> subscribe(PartitionId partition, BlockNumber from, Sink sink) override;
  /// When it returns the sink is not running and will not be called again (from inside the sink:
  /// after this call of it).
  void unsubscribe(PartitionId partition) override;
  /// Deletes the oldest segments once everything in them is released.
  void release(PartitionId partition, BlockNumber applied) override;

  /// Appends fail with `closed` from here on; those that were waiting are written or fail. Reads
  /// still work.
  void close();
  LocalJournalStatus status() const;
  /// Number of the segment that is written now; rises by one with each new file.
  std::uint64_t newest_segment() const;
  /// The partitions with entries that are not released in a segment that has to go before the log
  /// is at most `bytes_max` long; the newest segment never has to.
  std::vector<PartitionId> holding_back(std::uint64_t bytes_max) const;

 private:
  struct Group;
  struct Subscription;
  struct Waiter;
  struct AsyncAppend;

  explicit LocalJournal(LocalJournalOptions options);
  tl::expected<void, Error> recover();
  void check(PartitionId partition, const Block& block) const;
  void lead(std::unique_lock<std::mutex>& lock) noexcept;
  void tell(Group& group, std::unique_lock<std::mutex>& lock) noexcept;
  void wake_front();
  void write_async();
  Group take_group();
  tl::expected<void, Error> write(Group& group);
  void publish(Group& group);
  void fail(Group& group, const Error& error);
  Error trimmed(PartitionId partition, BlockNumber block) const;

  LocalJournalOptions options_;
  std::optional<DirectoryLock> directory_lock_;
  JournalId journal_id_;
  std::unique_ptr<class SegmentWriter> writer_;  ///< Only the leading thread's.

  mutable std::mutex mutex_;  ///< Guards everything below.
  std::unique_ptr<class JournalIndex> index_;
  std::deque<Waiter*> queue_;
  std::vector<std::shared_ptr<Subscription>> subscriptions_;
  std::thread::id leader_;
  std::uint64_t async_bytes_ = 0;        ///< Taken by append_async and not done.
  std::condition_variable async_front_;  ///< What append_async took is first in the queue.
  bool stopping_ = false;
  std::thread async_writer_;
  std::condition_variable idle_;  ///< Nobody leads and nobody waits.
  std::optional<Error> closed_;   ///< What appends are answered from here on.
  bool broken_ = false;
  LocalJournalStatus status_;
  std::mutex trim_mutex_;  ///< One thread deletes segments at a time; taken before mutex_.
};

}  // namespace hhgrid::storage
