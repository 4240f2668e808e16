#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "actors/grid/grid_impl.hpp"
#include "actors/grid/open_files.hpp"
#include "actors/gsp/gsp_fold.hpp"
#include "actors/host/in_parallel.hpp"
#include "actors/host/messages.hpp"
#include "actors/market/market_fold.hpp"
#include "core/partitioning.hpp"
#include "storage/journal/local/segment.hpp"
#include "storage/store/applied_file.hpp"
#include "storage/store/grid_file.hpp"

namespace hhgrid::actors {

using storage::BlockNumber;
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

/// True when there is more than a grid's creation can leave behind that ended before its file
/// `GRID` was there.
bool holds_anything_else(const std::filesystem::path& directory) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed))
    if (entry.path().filename() != "LOCK" && entry.path().filename() != "GRID.new") return true;
  return false;
}

/// For a directory that is not empty and has no file `GRID`.
Error no_grid_in(const GridOptions& options) {
  const std::string directory = options.directory.string();
  std::error_code failed;
  if (std::filesystem::exists(options.directory / "journal", failed))
    return {Errc::damaged,
            fmt::format("{}/GRID: is not there, though the directory has a journal; bring the file "
                        "back from a copy of the grid: without it, nothing says which grid this is",
                        directory)};
  return {Errc::foreign,
          fmt::format("{}: is not empty and holds no grid{}", directory,
                      options.create ? "; a new grid wants an empty directory" : "")};
}

bool holds_store(const std::filesystem::path& directory) {
  std::error_code failed;
  if (std::filesystem::exists(directory / "market" / "CURRENT", failed)) return true;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "partitions", failed))
    if (std::filesystem::exists(entry.path() / "CURRENT", failed)) return true;
  return false;
}

/// A grid makes its journal before its stores, so a journal without any segment has lost them.
tl::expected<void, Error> check_journal_is_there(const std::filesystem::path& directory) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "journal", failed))
    if (storage::parse_segment_name(entry.path().filename().string())) return {};
  if (!holds_store(directory)) return {};
  return tl::unexpected(
      Error{Errc::damaged, fmt::format("{}: holds no journal segment, though the grid has stores",
                                       (directory / "journal").string())});
}

}  // namespace

tl::expected<void, Error> Grid::Impl::open_directory() {
  const auto& directory = options.directory;
  std::error_code failed;
  if (std::filesystem::exists(directory, failed) &&
      !std::filesystem::is_directory(directory, failed))
    return tl::unexpected(
        Error{Errc::foreign, fmt::format("{}: is not a directory", directory.string())});
  if (!std::filesystem::exists(directory / "GRID", failed)) {
    if (holds_anything_else(directory)) return tl::unexpected(no_grid_in(options));
    if (!options.create)
      return tl::unexpected(
          Error{Errc::mismatch,
                fmt::format("{}: holds no grid; make one with `hhgrid ingest` or `hhgrid simulate`",
                            directory.string())});
    if (options.partitions > core::meter_partitions_max)
      return tl::unexpected(
          Error{Errc::mismatch,
                fmt::format("{}: a grid has at most {} meter partitions, asked for "
                            "were {}",
                            directory.string(), core::meter_partitions_max, options.partitions)});
    if (auto shared = share_open_files(options.partitions); !shared) return shared;
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
          Errc::mismatch,
          fmt::format("{}: has {} meter partitions, asked for were {}; the number is fixed when a "
                      "grid is made: leave --partitions out",
                      directory.string(), (*known)->partitions, options.partitions)});
    options.partitions = (*known)->partitions;
    grid_id = (*known)->id;
    return share_open_files(options.partitions);
  }
  grid_id = random_grid_id();
  return storage::write_grid_file(directory, {grid_id, options.partitions});
}

tl::expected<void, Error> Grid::Impl::share_open_files(PartitionId meter_partitions) {
  const std::size_t segments = options.journal_bytes_max / options.journal_segment_bytes;
  auto share = actors::open_files_per_store(storage::Topology(meter_partitions).count(), segments,
                                            open_files_limit());
  if (!share)
    return tl::unexpected(Error{
        share.error().code, fmt::format("{}: {}", options.directory.string(), share.error().text)});
  open_files_per_store = *share;
  return {};
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

tl::expected<void, Error> Grid::Impl::open() {
  if (auto done = open_directory(); !done) return done;
  if (auto there = check_journal_is_there(options.directory); !there) return there;
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

}  // namespace hhgrid::actors
