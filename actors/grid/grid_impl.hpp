#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/grid/grid.hpp"
#include "actors/host/partition_actor.hpp"
#include "actors/host/progress.hpp"
#include "actors/host/virtual_actor.hpp"
#include "actors/meter/meter_fold.hpp"
#include "storage/disk/directory_lock.hpp"
#include "storage/journal/local/local_journal.hpp"

namespace hhgrid::actors {

/// The parts of a grid. Declared in the order in which they come up; they go down in the reverse.
struct Grid::Impl {
  Impl(caf::actor_system& s, GridOptions o)
      : system(s), options(std::move(o)), calendar(core::SettlementCalendar::europe_london()) {}

  struct Partition {
    std::unique_ptr<std::mutex> opening = std::make_unique<std::mutex>();
    std::shared_ptr<storage::Store> store;  // with `fold`: read with the lock held until both are
    std::shared_ptr<Fold> fold;             // there; a GSP Group's come when first needed
    std::shared_ptr<Progress> progress = std::make_shared<Progress>();
    caf::actor actor;
  };

  caf::actor_system& system;
  GridOptions options;
  core::SettlementCalendar calendar;
  storage::GridId grid_id;
  std::optional<storage::DirectoryLock> lock;
  std::unique_ptr<storage::LocalJournal> journal;
  storage::StoreResources resources;
  std::vector<Partition> partitions;  // by id
  caf::actor courier, coordinator, inspector, desk;
  Hosts hosts() const { return {inspector, desk}; }
  /// Of what handles are sent, in this life of the process.
  const storage::SenderId desk_sender = storage::make_sender_id();
  int open_files_per_store = 0;
  bool stopped = false;
  std::atomic<bool> closing{false};              // nobody is to wait any more
  std::atomic<std::uint64_t> newest_segment{0};  // the last that keep_journal_short has seen

  storage::Topology topology() const { return storage::Topology(options.partitions); }

  // -- opening
  tl::expected<void, storage::Error> open();
  /// Opens the store and brings its fold to the block `end` of the journal. Errors: as `Fold::load`
  /// and `Fold::follow`, trimmed, no_space, io.
  tl::expected<void, storage::Error> open_partition(storage::PartitionId id,
                                                    storage::BlockNumber end);
  std::shared_ptr<Fold> make_fold(storage::PartitionId id, storage::Store& store);
  tl::expected<void, storage::Error> replay(Fold& fold, storage::BlockNumber end);
  /// How many stores are opened, replayed or flushed at once.
  static std::size_t parallel_stores();

  // -- stores that are opened when first needed
  std::filesystem::path store_directory(storage::PartitionId id) const;
  /// Whether the partition is one of those whose store need not be open: a GSP Group's.
  bool opens_late(storage::PartitionId id) const;
  /// Whether it can wait until it is needed: nothing has come for it yet, or it is one of those and
  /// has taken all of this journal, and sent all that this caused.
  bool can_wait(storage::PartitionId id) const;
  /// Opens the partition if nobody has; thread-safe.
  tl::expected<void, storage::Error> ensure_open(storage::PartitionId id);
  /// Null: the partition has taken nothing and has no store.
  tl::expected<const storage::Store*, storage::Error> find_store(storage::PartitionId id);
  storage::StoreSet stores();
  /// Calls `visit(id, partition)` for those whose store is open.
  void for_each_open(
      const std::function<void(storage::PartitionId, const Partition&)>& visit) const;
  /// Flushes the open stores, and notes how far those have come that need not be opened again. A
  /// full disk is no error: the journal has what the stores do not.
  tl::expected<void, storage::Error> close_stores();
  tl::expected<void, storage::Error> close_store(storage::PartitionId id);
  /// Of a store that is durable, so that the next opening need not open it.
  tl::expected<void, storage::Error> note_applied(storage::PartitionId id) const;

  // -- running
  tl::expected<void, storage::Error> spawn();
  void spawn_services();
  /// For the actor of a partition that is needed for the first time.
  tl::expected<void, storage::Error> open_late(storage::PartitionId id, PartitionWiring& wiring);
  /// Asks the partitions that hold back the journal's segments to make their state durable, when
  /// the journal has grown too long. Cheap unless a new segment has begun.
  void keep_journal_short();
  /// Error: what stopped a partition for good, or why a store could not be flushed; not a full
  /// disk.
  tl::expected<void, storage::Error> stop();
  storage::Error why_stopped(const std::string& reason) const;
  /// What may be read without asking the partition's actor.
  PartitionStatus status_without_actor(storage::PartitionId id) const;
  void describe(storage::PartitionId id, PartitionStatus& status) const;

  bool is_quiet(std::vector<storage::BlockNumber>& ends) const;
  std::vector<storage::BlockNumber> journal_ends() const;
};

}  // namespace hhgrid::actors
