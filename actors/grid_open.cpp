#include <atomic>
#include <future>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "actors/courier.hpp"
#include "actors/grid_impl.hpp"
#include "actors/inspection.hpp"
#include "actors/inspector.hpp"
#include "actors/market_fold.hpp"
#include "actors/messages.hpp"
#include "actors/partition_actor.hpp"
#include "actors/run_coordinator.hpp"
#include "storage/grid_file.hpp"

namespace hhgrid::actors {

using storage::Errc;
using storage::Error;
using storage::PartitionId;

namespace {

constexpr std::size_t replay_bytes = std::size_t{8} << 20;

storage::GridId random_grid_id() {
  std::random_device random;
  const auto word = [&] { return std::uint64_t{random()} << 32 | random(); };
  return {word(), word()};
}

std::string directory_name(PartitionId id, PartitionId meter_partitions) {
  return id == meter_partitions ? "market" : fmt::format("partitions/{:05}", id);
}

/// True when there is more than a grid's creation can leave behind that ended before its file
/// `GRID` was there.
bool holds_anything_else(const std::filesystem::path& directory) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed))
    if (entry.path().filename() != "LOCK" && entry.path().filename() != "GRID.new") return true;
  return false;
}

/// Table files that each of so many stores may keep open: the process has other uses for files,
/// too.
int open_files_per_store(std::size_t stores) {
  constexpr std::size_t others = 256, least = 16, greatest = 512;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t files = limit.rlim_cur == RLIM_INFINITY
                                ? greatest * stores + others
                                : std::max<std::size_t>(limit.rlim_cur, others);
  return static_cast<int>(std::clamp((files - others) / stores, least, greatest));
}

/// What is thrown about something stored, as an error.
template <class Work>
tl::expected<void, Error> guarded(Work&& work) {
  try {
    return work();
  } catch (...) {
    return tl::unexpected(Error{Errc::damaged, describe_exception(std::current_exception())});
  }
}

/// Runs `work(i)` for 0 ... count - 1 on as many threads as cores; the first error wins.
template <class Work>
tl::expected<void, Error> in_parallel(std::size_t count, Work&& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> failure;
  std::vector<std::thread> threads;
  const std::size_t width =
      std::min<std::size_t>(count, std::max(2u, std::thread::hardware_concurrency()));
  for (std::size_t t = 0; t < width; ++t)
    threads.emplace_back([&] {
      for (std::size_t i = next++; i < count; i = next++)
        if (auto done = guarded([&] { return work(i); }); !done) {
          const std::lock_guard lock(mutex);
          if (!failure) failure = done.error();
        }
    });
  for (auto& thread : threads) thread.join();
  if (failure) return tl::unexpected(*failure);
  return {};
}

}  // namespace

tl::expected<void, Error> Grid::Impl::open_directory() {
  const auto& directory = options.directory;
  std::error_code failed;
  if (!std::filesystem::exists(directory / "GRID", failed)) {
    if (!options.create)
      return tl::unexpected(Error{
          Errc::foreign,
          fmt::format("{}: holds no grid; make one with `hhgrid ingest` or `hhgrid simulate`, "
                      "or name another directory with --data",
                      directory.string())});
    if (holds_anything_else(directory))
      return tl::unexpected(
          Error{Errc::foreign,
                fmt::format("{}: is not empty and holds no grid; name an empty or a new directory",
                            directory.string())});
    std::filesystem::create_directories(directory, failed);
    if (failed)
      return tl::unexpected(Error{
          Errc::io, fmt::format("{}: cannot be made: {}", directory.string(), failed.message())});
  }
  auto locked = storage::DirectoryLock::acquire(directory);
  if (!locked) return tl::unexpected(locked.error());
  lock.emplace(std::move(*locked));
  auto known = storage::read_grid_file(directory);
  if (!known) return tl::unexpected(known.error());
  if (*known) {
    if (options.partitions_given && options.partitions != (*known)->partitions)
      return tl::unexpected(Error{
          Errc::foreign,
          fmt::format("{}: has {} meter partitions, asked for were {}; the number is fixed when a "
                      "grid is created",
                      directory.string(), (*known)->partitions, options.partitions)});
    options.partitions = (*known)->partitions;
    grid_id = (*known)->id;
    return {};
  }
  grid_id = random_grid_id();
  return storage::write_grid_file(directory, {grid_id, options.partitions});
}

tl::expected<void, Error> Grid::Impl::open_partition(PartitionId id,
                                                     const storage::StoreResources& resources) {
  Partition& partition = partitions[id];
  auto store = storage::Store::open({options.directory / directory_name(id, options.partitions),
                                     options.memtable_bytes, false, resources,
                                     open_files_per_store(partitions.size())});
  if (!store) return tl::unexpected(store.error());
  partition.store = std::move(*store);
  const Fold::Identity identity{id, options.partitions, grid_id};
  if (id == options.partitions) {
    MarketFoldOptions market;
    market.on_run = [this](const RunEvent& event) {
      if (coordinator) caf::anon_send(coordinator, event);
    };
    partition.fold =
        std::make_shared<MarketFold>(identity, *partition.store, calendar, std::move(market));
  } else {
    MeterFoldOptions meter;
    meter.resident_bytes_max = options.resident_bytes_max / options.partitions;
    meter.ledger_days_max = options.ledger_days_max;
    meter.before_turn = options.before_turn;
    partition.fold =
        std::make_shared<MeterFold>(identity, *partition.store, calendar, std::move(meter));
  }
  if (auto loaded = partition.fold->load(); !loaded) return loaded;
  partition.store->on_durable(
      [this, id](storage::Position position) { journal->release(id, position); });
  // A partition that receives nothing more never flushes again, and must not hold back the others.
  journal->release(id, partition.store->durable_position());
  return replay(partition);
}

/// Brings a fold from where its store was to the end of the journal.
tl::expected<void, Error> Grid::Impl::replay(Partition& partition) {
  Fold& fold = *partition.fold;
  const storage::Position from = fold.position();
  while (fold.position() < journal->end(fold.id())) {
    auto blocks = journal->read(fold.id(), fold.position() + 1, replay_bytes);
    if (!blocks) return tl::unexpected(blocks.error());
    for (const auto& block : *blocks)
      if (auto done = fold.apply(block); !done) return done;
  }
  if (fold.position() > journal->end(fold.id()))
    return tl::unexpected(Error{
        Errc::damaged,
        fmt::format("{}: is at position {}, the journal ends at {}; the journal has lost entries "
                    "or belongs to another time",
                    partition.store->path().string(), fold.position(), journal->end(fold.id()))});
  partition.progress->applied(fold.position(), 0);
  if (fold.position() > from)
    spdlog::info("partition {} replayed {} entries from its journal", fold.id(),
                 fold.position() - from);
  return {};
}

tl::expected<void, Error> Grid::Impl::open() {
  if (auto done = open_directory(); !done) return done;
  storage::LocalJournalOptions journal_options;
  journal_options.directory = options.directory / "journal";
  journal_options.grid_id = grid_id;
  journal_options.partition_count = static_cast<PartitionId>(options.partitions + 1);
  journal_options.segment_bytes = options.journal_segment_bytes;
  auto opened = storage::LocalJournal::open(std::move(journal_options));
  if (!opened) return tl::unexpected(opened.error());
  journal = std::move(*opened);
  partitions.resize(options.partitions + std::size_t{1});
  const auto resources =
      storage::StoreResources::make(options.block_cache_bytes, options.background_threads);
  if (auto done = in_parallel(
          partitions.size(),
          [&](std::size_t i) { return open_partition(static_cast<PartitionId>(i), resources); });
      !done)
    return done;
  spawn();
  return {};
}

void Grid::Impl::describe(PartitionId id, PartitionStatus& status) const {
  status.market = id == options.partitions;
  status.journal_end = journal->end(id);
  if (status.market) return;
  const auto& fold = static_cast<const MeterFold&>(*partitions[id].fold);
  status.meters = fold.meter_count();
  status.resident_meters = fold.resident_meters();
  status.memory_bytes = fold.memory_bytes();
  status.accepted = fold.counts().accepted;
  status.unchanged = fold.counts().unchanged;
}

/// Everybody is there before anybody is sent anything: first the actors, then the journal's
/// deliveries, at last what a crash kept from leaving.
void Grid::Impl::spawn() {
  spawn_services();
  for (auto& partition : partitions) {
    const PartitionId id = partition.fold->id();
    PartitionWiring wiring{partition.fold,
                           partition.store,
                           partition.progress,
                           courier,
                           [this, id](PartitionStatus& status) { describe(id, status); },
                           [coordinator = coordinator](const Error& error) {
                             caf::anon_send(coordinator, halt_atom::value, error.text);
                           }};
    partition.actor = system.spawn(partition_actor, std::move(wiring));
  }
  std::vector<Parcel> parcels;
  for (const auto& partition : partitions) {
    auto messages = partition.fold->take_outbox();
    partition.progress->sent(messages.size());
    if (!messages.empty())
      parcels.push_back({partition.fold->id(), partition.actor, std::move(messages)});
  }
  // Bytes are counted here and not by the appender: a block that the journal has already is not
  // delivered again.
  for (auto& partition : partitions)
    journal->subscribe(partition.fold->id(),
                       [this, actor = partition.actor,
                        progress = partition.progress](storage::JournalBlock block) {
                         progress->appended(bytes_of(block));
                         caf::anon_send(actor, Delivery{std::move(block)});
                         keep_journal_short();
                       });
  for (auto& parcel : parcels) caf::anon_send(courier, std::move(parcel));
  keep_journal_short();  // a crash may have left a long one
}

void Grid::Impl::spawn_services() {
  storage::Journal* const log = journal.get();
  courier = system.spawn<caf::detached>(courier_actor, log, [this](std::optional<Error> trouble) {
    for (auto& partition : partitions) partition.progress->set_courier_trouble(trouble);
  });
  coordinator = system.spawn(run_coordinator, log, options.partitions,
                             RunPolicy{options.correction, options.shape});
  InspectionSource source;
  for (const auto& partition : partitions) source.stores.push_back(partition.store.get());
  source.calendar = &calendar;
  source.meter_partitions = options.partitions;
  inspector = system.spawn<caf::detached>(
      inspector_actor, Inspect([source](const Address& address, std::optional<std::int32_t> day) {
        return inspect_json(source, address, day);
      }));
}

void Grid::Impl::keep_journal_short() {
  const std::uint64_t newest = journal->newest_segment();
  if (newest_segment.exchange(newest) == newest) return;
  for (const PartitionId id : journal->holding_back(options.journal_bytes_max))
    caf::anon_send(partitions[id].actor, flush_atom::value);
}

void Grid::Impl::stop() {
  if (journal) journal->close();
  caf::scoped_actor self(system);
  const auto end = [&](caf::actor& actor) {
    if (!actor) return;
    self->send_exit(actor, caf::exit_reason::user_shutdown);
    self->wait_for(actor);
    actor = nullptr;
  };
  for (auto& partition : partitions) end(partition.actor);  // first: they know the others
  end(coordinator);
  end(courier);
  end(inspector);
  if (!partitions.empty())
    static_cast<void>(
        in_parallel(partitions.size(), [&](std::size_t i) -> tl::expected<void, Error> {
          if (!partitions[i].store) return {};
          auto flushed = partitions[i].store->flush(true);
          if (!flushed) spdlog::error("partition {}: {}", i, flushed.error().text);
          partitions[i].store->on_durable({});
          return {};
        }));
}

}  // namespace hhgrid::actors
