#include "actors/grid/grid_impl.hpp"

#include <algorithm>
#include <thread>

#include <spdlog/spdlog.h>

#include "actors/grid/grid_directory.hpp"
#include "actors/grid/run_coordinator.hpp"
#include "actors/grid/store_directory.hpp"
#include "actors/gsp/gsp_fold.hpp"
#include "actors/host/courier.hpp"
#include "actors/host/in_parallel.hpp"
#include "actors/host/messages.hpp"
#include "actors/host/request_desk.hpp"
#include "actors/market/market_fold.hpp"
#include "actors/query/inspection.hpp"
#include "actors/query/inspector.hpp"
#include "storage/store/applied_file.hpp"

namespace hhgrid::actors {

using storage::BlockNumber;
using storage::Error;
using storage::PartitionId;

namespace {

constexpr std::size_t replay_bytes = std::size_t{8} << 20;

core::Instant system_time() {
  return {std::chrono::duration_cast<std::chrono::milliseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

}  // namespace

// -- opening ------------------------------------------------------------------------------------

std::size_t Grid::Impl::parallel_stores() {
  return std::max(2u, std::thread::hardware_concurrency());
}

tl::expected<void, Error> Grid::Impl::open() {
  auto found = open_grid_directory(options);
  if (!found) return tl::unexpected(found.error());
  lock.emplace(std::move(found->lock));
  options.partitions = found->partitions;
  grid_id = found->id;
  open_files_per_store = found->open_files_per_store;
  storage::LocalJournalOptions journal_options;
  journal_options.directory = options.directory / "journal";
  journal_options.grid_id = grid_id;
  journal_options.partition_count = topology().count();
  journal_options.segment_bytes = options.journal_segment_bytes;
  auto opened = storage::LocalJournal::open(std::move(journal_options));
  if (!opened) return tl::unexpected(opened.error());
  journal = std::move(*opened);
  partitions.resize(topology().count());
  resources = storage::StoreResources::make(options.block_cache_bytes, options.background_threads);
  std::vector<PartitionId> needed;
  for (const PartitionId id : topology().all()) {
    if (!can_wait(id)) {
      needed.push_back(id);
      continue;
    }
    partitions[id].progress->applied(journal->end(id), 0);
    journal->release(id, journal->end(id));
  }
  if (auto done = in_parallel(
          needed.size(), parallel_stores(),
          [&](std::size_t i) { return open_partition(needed[i], journal->end(needed[i])); });
      !done)
    return done;
  return spawn();
}

std::shared_ptr<Fold> Grid::Impl::make_fold(PartitionId id, storage::Store& store) {
  const Fold::Identity identity{id, topology(), grid_id};
  switch (topology().kind(id)) {
    case storage::PartitionKind::market: {
      MarketFoldOptions market;
      market.on_run = [this](const RunEvent& event) {
        if (coordinator) caf::anon_send(coordinator, event);
      };
      return std::make_shared<MarketFold>(identity, store, calendar, std::move(market));
    }
    case storage::PartitionKind::gsp_group:
      return std::make_shared<GspFold>(identity, store, calendar);
    case storage::PartitionKind::meters:
      break;
  }
  MeterFoldOptions meter;
  meter.resident_bytes_max = options.resident_bytes_max / options.partitions;
  meter.ledger_days_max = options.ledger_days_max;
  meter.before_turn = options.before_turn;
  return std::make_shared<MeterFold>(identity, store, calendar, std::move(meter));
}

tl::expected<void, Error> Grid::Impl::open_partition(PartitionId id, BlockNumber end) {
  if (opens_late(id))
    if (auto forgotten = storage::remove_applied_file(store_directory(id)); !forgotten)
      return forgotten;
  auto opened = storage::Store::open(
      {store_directory(id), options.memtable_bytes, false, resources, open_files_per_store});
  if (!opened) return tl::unexpected(opened.error());
  std::shared_ptr<storage::Store> store = std::move(*opened);
  auto fold = make_fold(id, *store);
  fold->reply_to(desk_sender);
  if (auto loaded = fold->load(); !loaded) return loaded;
  if (auto followed = fold->follow(*journal); !followed) return followed;
  store->on_durable([this, id](BlockNumber block) { journal->release(id, block); });
  // A partition that receives nothing more never flushes again, and must not hold back the others.
  journal->release(id, store->durable_block());
  if (auto replayed = replay(*fold, end); !replayed) {
    store->on_durable({});
    return replayed;
  }
  partitions[id].store = std::move(store);
  partitions[id].fold = std::move(fold);
  return {};
}

/// Brings a fold from where its store was to the block `end` of the journal.
tl::expected<void, Error> Grid::Impl::replay(Fold& fold, BlockNumber end) {
  const BlockNumber from = fold.block();
  while (fold.block() < end) {
    auto blocks = journal->read(fold.id(), fold.block() + 1, replay_bytes);
    if (!blocks) return tl::unexpected(blocks.error());
    for (const auto& block : *blocks)
      if (auto done = fold.apply(block); !done) return done;
  }
  partitions[fold.id()].progress->applied(fold.block(), 0);
  if (fold.block() > from)
    spdlog::info("partition {} replayed {} blocks from its journal", topology().name(fold.id()),
                 fold.block() - from);
  return {};
}

// -- stores that are opened when first needed ---------------------------------------------------

std::filesystem::path Grid::Impl::store_directory(PartitionId id) const {
  return options.directory / actors::store_directory(id, topology());
}

bool Grid::Impl::opens_late(PartitionId id) const {
  return topology().kind(id) == storage::PartitionKind::gsp_group;
}

bool Grid::Impl::can_wait(PartitionId id) const {
  if (topology().kind(id) == storage::PartitionKind::market) return false;
  const auto store = store_directory(id);
  const auto end = journal->end(id);
  std::error_code failed;
  if (end == 0 && !std::filesystem::exists(store, failed)) return true;
  const auto applied = opens_late(id) ? storage::read_applied_file(store) : std::nullopt;
  if (!applied) return false;
  const auto digest = journal->digest(id, end);
  return digest && *applied == storage::AppliedFile{grid_id, journal->identity(), end, *digest};
}

tl::expected<void, Error> Grid::Impl::ensure_open(PartitionId id) {
  const std::lock_guard lock(*partitions[id].opening);
  if (partitions[id].fold) return {};
  // The partition's actor is given all blocks after this one.
  return open_partition(id, partitions[id].progress->block());
}

tl::expected<const storage::Store*, Error> Grid::Impl::find_store(PartitionId id) {
  if (journal->end(id) == 0 && (opens_late(id) || can_wait(id))) return nullptr;
  if (auto opened = ensure_open(id); !opened) return tl::unexpected(opened.error());
  return partitions[id].store.get();
}

storage::StoreSet Grid::Impl::stores() {
  return {topology(), [this](PartitionId id) { return find_store(id); }};
}

void Grid::Impl::for_each_open(
    const std::function<void(PartitionId, const Partition&)>& visit) const {
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const std::lock_guard lock(*partitions[i].opening);
    if (partitions[i].fold) visit(static_cast<PartitionId>(i), partitions[i]);
  }
}

tl::expected<void, Error> Grid::Impl::close_stores() {
  return in_parallel(partitions.size(), parallel_stores(),
                     [&](std::size_t i) { return close_store(static_cast<PartitionId>(i)); });
}

tl::expected<void, Error> Grid::Impl::close_store(PartitionId id) {
  const auto& [opening, store, fold, progress, actor] = partitions[id];
  const std::lock_guard lock(*opening);  // whoever opened it may have been another thread
  if (!store) return {};
  const bool is_sound = fold && !progress->own_trouble();
  tl::expected<void, Error> closed;
  if (is_sound) closed = fold->forget_delivered();
  if (closed) closed = store->flush(true);
  store->on_durable({});
  if (closed && is_sound && opens_late(id)) closed = note_applied(id);
  if (closed) return {};
  spdlog::error("partition {}: {}", topology().name(id), closed.error().text);
  if (closed.error().code == storage::Errc::no_space) return {};
  return closed;
}

tl::expected<void, Error> Grid::Impl::note_applied(PartitionId id) const {
  const Partition& partition = partitions[id];
  if (partition.progress->on_the_way() != 0)
    return {};  // it has to be sent when the grid is opened
  const auto block = partition.store->durable_block();
  const auto digest = journal->digest(id, block);
  if (!digest) return tl::unexpected(digest.error());
  return storage::write_applied_file(store_directory(id),
                                     {grid_id, journal->identity(), block, *digest});
}

// -- running ------------------------------------------------------------------------------------

void Grid::Impl::describe(PartitionId id, PartitionStatus& status) const {
  const auto kind = topology().kind(id);
  status.name = topology().name(id);
  status.kind = kind;
  status.journal_end = journal->end(id);
  if (kind == storage::PartitionKind::gsp_group) {
    const auto& group = static_cast<const GspFold&>(*partitions[id].fold);
    status.accepted = group.takes_accepted_count();
    status.unchanged = group.takes_unchanged_count();
    status.refused_rows = group.takes_refused_count();
    return;
  }
  if (kind == storage::PartitionKind::market) {
    const auto& market = static_cast<const MarketFold&>(*partitions[id].fold);
    status.accepted = market.standing_accepted_count();
    status.unchanged = market.standing_unchanged_count();
    status.refused_rows = market.standing_refused_count();
    return;
  }
  const auto& fold = static_cast<const MeterFold&>(*partitions[id].fold);
  status.meters = fold.meter_count();
  status.resident_meters = fold.resident_meters();
  status.memory_bytes = fold.memory_bytes();
  status.accepted = fold.counts().accepted;
  status.unchanged = fold.counts().unchanged;
  status.unregistered = fold.counts().unregistered;
  status.not_registered = fold.counts().not_registered;
  status.refused_periods = fold.counts().refused_periods;
  status.refused_registrations = fold.counts().refused_registrations;
  status.refused_annual_consumptions = fold.counts().refused_annual_consumptions;
  status.refused_registers = fold.counts().refused_registers;
}

/// Everybody is there before anybody is sent anything: first the actors, then the journal's
/// deliveries, at last what a crash kept from leaving.
tl::expected<void, Error> Grid::Impl::spawn() {
  spawn_services();
  for (const PartitionId id : topology().all()) {
    Partition& partition = partitions[id];
    PartitionWiring wiring{id,
                           partition.fold,
                           partition.store,
                           [this, id](PartitionWiring& late) { return open_late(id, late); },
                           partition.progress,
                           courier,
                           desk,
                           [this, id](PartitionStatus& status) { describe(id, status); },
                           [coordinator = coordinator](const Error& error) {
                             caf::anon_send(coordinator, halt_atom::value, error.text);
                           }};
    partition.actor = system.spawn(partition_actor, std::move(wiring));
  }
  UndeliveredBlocks old;
  for (const auto& partition : partitions) {
    if (!partition.fold) continue;  // it is opened later, and nothing of it was on the way
    auto blocks = partition.fold->take_outbox();
    partition.progress->sent(blocks.size());
    if (!blocks.empty())
      old.senders.push_back({partition.fold->id(), partition.actor, std::move(blocks)});
  }
  for (const PartitionId id : topology().all()) {
    auto sink = [this, actor = partitions[id].actor,
                 progress = partitions[id].progress](storage::JournalBlock block) {
      progress->appended(bytes_of(block));
      caf::anon_send(actor, Delivery{std::move(block)});
      keep_journal_short();
    };
    auto subscribed = journal->subscribe(id, partitions[id].progress->block() + 1, std::move(sink));
    if (!subscribed) return subscribed;
  }
  // Together: what a partition sends in answer to the first must not overtake its old blocks, or
  // their receivers would find these early.
  if (!old.senders.empty()) caf::anon_send(courier, std::move(old));
  keep_journal_short();  // a crash may have left a long one
  return {};
}

tl::expected<void, Error> Grid::Impl::open_late(PartitionId id, PartitionWiring& wiring) {
  if (auto opened = ensure_open(id); !opened) return opened;
  wiring.fold = partitions[id].fold;
  wiring.store = partitions[id].store;
  return {};
}

void Grid::Impl::spawn_services() {
  storage::Journal* const log = journal.get();
  courier =
      system.spawn<caf::detached>(courier_actor, log, [this](const std::optional<Error>& trouble) {
        for (auto& partition : partitions) partition.progress->set_courier_trouble(trouble);
        if (trouble && !storage::may_pass(trouble->code))
          caf::anon_send(coordinator, halt_atom::value, trouble->text);
      });
  coordinator = system.spawn(run_coordinator, log, topology().market(),
                             RunPolicy{options.correction, options.shape});
  const InspectionSource source{stores(), &calendar};
  inspector = system.spawn<caf::detached>(
      inspector_actor, Inspect([source](const Address& address, std::optional<std::int32_t> day) {
        return inspect_json(source, address, day);
      }));
  DeskWiring wiring;
  wiring.journal = log;
  wiring.topology = topology();
  wiring.sender = desk_sender;
  wiring.clock = options.clock ? options.clock : system_time;
  wiring.maximum = options.maximum;
  wiring.partition = [this](PartitionId id) { return partitions[id].actor; };
  desk = system.spawn(request_desk, std::move(wiring));
}

void Grid::Impl::keep_journal_short() {
  const std::uint64_t newest = journal->newest_segment();
  if (newest_segment.exchange(newest) == newest) return;
  for (const PartitionId id : journal->holding_back(options.journal_bytes_max))
    caf::anon_send(partitions[id].actor, flush_atom::value);
}

tl::expected<void, Error> Grid::Impl::stop() {
  if (std::exchange(stopped, true)) return {};
  caf::scoped_actor self(system);
  const auto end = [&](caf::actor& actor) {
    if (!actor) return;
    self->send_exit(actor, caf::exit_reason::user_shutdown);
    self->wait_for(actor);
    actor = nullptr;
  };
  end(desk);
  if (journal) journal->close();
  for (auto& partition : partitions) end(partition.actor);  // first: they know the others
  end(coordinator);
  end(courier);
  end(inspector);
  auto flushed = close_stores();
  for (const auto& partition : partitions)
    if (auto trouble = partition.progress->own_trouble();
        trouble && !storage::may_pass(trouble->code))
      return tl::unexpected(*trouble);
  return flushed;
}

}  // namespace hhgrid::actors
