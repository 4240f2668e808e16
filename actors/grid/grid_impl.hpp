#pragma once

#include <memory>
#include <vector>

#include "actors/grid/grid.hpp"
#include "actors/host/progress.hpp"
#include "actors/meter/meter_fold.hpp"
#include "storage/disk/directory_lock.hpp"
#include "storage/journal/local/local_journal.hpp"

namespace hhgrid::actors {

/// The parts of a grid. Declared in the order in which they come up; they go down in the reverse.
struct Grid::Impl {
  Impl(caf::actor_system& s, GridOptions o)
      : system(s), options(std::move(o)), calendar(core::SettlementCalendar::europe_london()) {}

  struct Partition {
    std::shared_ptr<storage::Store> store;
    std::shared_ptr<Fold> fold;
    std::shared_ptr<Progress> progress = std::make_shared<Progress>();
    caf::actor actor;
  };

  caf::actor_system& system;
  GridOptions options;
  core::SettlementCalendar calendar;
  storage::GridId grid_id;
  std::optional<storage::DirectoryLock> lock;
  std::unique_ptr<storage::LocalJournal> journal;
  std::vector<Partition> partitions;  // the last is the market's
  caf::actor courier, coordinator, inspector;
  int open_files_per_store = 0;
  bool stopped = false;
  std::atomic<std::uint64_t> newest_segment{0};  // the last that keep_journal_short has seen

  // -- opening: grid_open.cpp
  tl::expected<void, storage::Error> open();
  tl::expected<void, storage::Error> open_directory();
  /// Error: the process may not open as many files as so many partitions need; nothing is made
  /// then.
  tl::expected<void, storage::Error> share_open_files(storage::PartitionId meter_partitions);
  tl::expected<void, storage::Error> open_partition(storage::PartitionId id,
                                                    const storage::StoreResources& resources);
  tl::expected<void, storage::Error> replay(Partition& partition);
  /// How many stores are opened, replayed or flushed at once.
  static std::size_t parallel_stores();

  // -- running: grid_actors.cpp
  tl::expected<void, storage::Error> spawn();
  void spawn_services();
  /// Asks the partitions that hold back the journal's segments to make their state durable, when
  /// the journal has grown too long. Cheap unless a new segment has begun.
  void keep_journal_short();
  /// Error: what stopped a partition for good, or why a store could not be flushed; not a full
  /// disk.
  tl::expected<void, storage::Error> stop();
  tl::expected<void, storage::Error> flush(std::size_t partition);
  storage::Error why_stopped(const std::string& reason) const;
  PartitionStatus status_of_ended(const Partition& partition, const std::string& answer) const;
  void describe(storage::PartitionId id, PartitionStatus& status) const;

  bool is_quiet(std::vector<storage::BlockNumber>& ends) const;
};

}  // namespace hhgrid::actors
