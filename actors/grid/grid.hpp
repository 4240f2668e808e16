#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include "actors/host/fold.hpp"
#include "actors/host/protocol.hpp"
#include "actors/host/status.hpp"
#include "actors/market/published_shapes.hpp"
#include "core/allocation/settle.hpp"
#include "core/calendar.hpp"
#include "core/validation/ecs1012_maximum.hpp"
#include "storage/journal/journal.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::actors {

/// How a grid is opened. Sizes are per process unless they say otherwise.
struct GridOptions {
  std::filesystem::path directory;
  storage::PartitionId partitions =
      16;  ///< Meter partitions; fixed when the grid is created, checked when it is opened again.
  bool partitions_given =
      false;  ///< True: opening a grid with another number is an error; false: take what is there.
  bool create = true;
  std::size_t memtable_bytes = std::size_t{16} << 20;  ///< Per partition.
  std::size_t block_cache_bytes = std::size_t{256} << 20;
  int background_threads = 2;
  std::size_t journal_segment_bytes = std::size_t{64} << 20;
  std::size_t journal_bytes_max =
      std::size_t{2} << 30;  ///< Beyond it the stores are flushed, so that old segments can go.
  std::size_t backlog_bytes_max =
      std::size_t{8} << 20;  ///< Per partition: durable but not yet applied; appends wait beyond
                             ///< it. A few blocks: all of it is replayed after a crash.
  std::size_t resident_bytes_max =
      std::size_t{1}
      << 30;  ///< Of meter state over all partitions; beyond it meters are passivated.
  std::size_t ledger_days_max = 4;       ///< Resident settlement days per partition.
  std::function<core::Instant()> clock;  ///< Stamps what handles are sent; empty: the system's.
  core::MaximumEnergy maximum;           ///< Limits of ECS1012 that they are judged by.
  core::ShapePolicy shape;
  core::CorrectionMethod correction = core::CorrectionMethod::import_export;
  std::function<void(core::Mpan)> before_turn;  ///< For tests of supervision.
};

struct DeadLetter {
  storage::PartitionId partition = 0;
  storage::Position position;
  std::string address, reason;
  core::Instant received_at;
};

/// A whole grid in one process: the journal, the partitions' stores and actors, courier, run
/// coordinator and inspector. `main` makes one and passes it on; there is no other way to reach it.
/// Thread-safe once opened.
class Grid {
 public:
  /// Opens (or creates) the data directory, replays what the journal holds beyond the stores, and
  /// starts the actors. Errors: in_use, foreign, damaged, newer_format, missing_family, io; each
  /// names path, key and cause. What a store holds wrongly is not changed; partitions that are
  /// sound may have replayed their journal.
  static tl::expected<std::unique_ptr<Grid>, storage::Error> open(caf::actor_system& system,
                                                                  const GridOptions& options);
  /// Closes, when that is not done yet.
  ~Grid();
  /// Whoever waits in `drain`, `run`, `release` or `close_day`, or comes to wait, is told that the
  /// grid is closing (Errc::closed): the last that is asked of it before it is closed. Any thread.
  void stop_waiting();
  /// Stops the actors, flushes every store, closes, and says what went wrong: what stopped a
  /// partition for good, or why a store could not be flushed. A full disk is no error here: the
  /// journal holds what the stores do not. Afterwards only the destructor may be called.
  tl::expected<void, storage::Error> close();

  storage::Topology topology() const;
  const core::SettlementCalendar& calendar() const;
  const std::filesystem::path& directory() const;

  /// Durable when it returns the block's number; waits while the partition's backlog is full.
  /// Errors: no_space (try again), io, closed.
  tl::expected<storage::BlockNumber, storage::Error> append(storage::PartitionId partition,
                                                            storage::Block block);
  /// Several blocks with one wait for durability, in this order for each partition. Waits while the
  /// backlog of one of the partitions is full. Errors as above: then none of them is stored.
  tl::expected<void, storage::Error> append_all(
      std::span<const std::pair<storage::PartitionId, storage::Block>> blocks);
  /// What a partition has taken of a sender, as far as it has applied its journal. Errors: the
  /// store's.
  tl::expected<SenderMark, storage::Error> mark_of(storage::PartitionId partition,
                                                   const storage::SenderId& sender) const;
  /// Whether whoever appends should say with a last block that it sends nothing more (see
  /// Journal::delivers_once).
  bool delivers_once() const;
  /// Waits until every partition has applied all that is durable now, and what that has caused in
  /// others; who goes on appending does not hold it up. Error: what stopped a partition.
  tl::expected<void, storage::Error> drain();
  /// Makes all applied state durable in the stores and lets the journal forget it.
  tl::expected<void, storage::Error> checkpoint();

  /// Asks for a run and waits for its end. `cutoff`: nothing received later counts. Errors: timeout
  /// is Errc::closed with a text; what stopped a partition, so that no run can end.
  tl::expected<RunOutcome, storage::Error> run(core::SettlementDay day, core::SettlementCode code,
                                               core::Instant cutoff, core::Instant now,
                                               std::chrono::milliseconds timeout);
  /// Releases a held run. One that was released before is published already: nothing is done.
  tl::expected<RunOutcome, storage::Error> release(std::uint32_t run_number, core::Instant now);

  /// Closes a UTC day and waits until the load shapes are published and the meter partitions know
  /// them. A day that is closed stays as it is. Errors: what stopped a partition, or kept the day
  /// from being closed.
  tl::expected<DayClosing, storage::Error> close_day(core::UtcDay day, core::Instant now);

  // -- handles: what they understand stands in actors/host/protocol.hpp --
  MeterActor meter(core::Mpan mpan);
  GspGroupActor gsp_group(core::GspGroup gsp_group);
  BmuActor bmu(const core::BmuId& bmu);
  LoadShapeActor load_shape(const core::ShapeGroup& group);
  /// An ordinary actor handle to any actor of the grid by its address: `meter/1012345678903`,
  /// `bmu/2__CABCD000`, `gsp/_C`, `shape/_C.W.S.T.AI`. Errors name what is wrong with the address.
  core::Parsed<caf::actor> actor(const std::string& address);
  /// Asks the actor at an address to describe itself, as a JSON object. `day`: UTC day number of
  /// consumption or settlement day.
  tl::expected<std::string, storage::Error> inspect(
      const std::string& address, std::optional<std::int32_t> day,
      std::chrono::milliseconds timeout = std::chrono::seconds(10));

  /// Of every partition; one that has ended says why, with what is known of it.
  std::vector<PartitionStatus> status();
  /// All of them, by partition and position. A letter that cannot be read is listed with the cause
  /// as its reason. Errors: io, damaged_table.
  tl::expected<std::vector<DeadLetter>, storage::Error> dead_letters();
  /// Gives dead letters their turn again, through the journal. Returns those still dead afterwards
  /// among the ones asked for.
  tl::expected<std::vector<DeadLetter>, storage::Error> replay(
      const std::vector<DeadLetter>& letters, core::Instant now);

  /// The stores, for reading: export, audit, check. A GSP Group's opens when it is asked for.
  const storage::Store& store(storage::PartitionId partition) const;
  storage::StoreSet stores() const;

 private:
  struct Impl;
  explicit Grid(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hhgrid::actors
