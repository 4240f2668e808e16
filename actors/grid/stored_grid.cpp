#include "actors/grid/stored_grid.hpp"

#include "actors/grid/open_files.hpp"
#include "actors/grid/store_directory.hpp"
#include "actors/host/fold.hpp"
#include "storage/journal/local/local_journal_recovery.hpp"
#include "storage/store/grid_file.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {
namespace {

using storage::BlockNumber;
using storage::Error;
using storage::PartitionId;

tl::expected<BlockNumber, Error> block_of(const storage::Store& store) {
  const auto bytes = store.get(storage::Family::meta, meta_key);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return BlockNumber{0};
  return storage::read_record<schema::MetaRecord>(**bytes, store.path().string() + " meta",
                                                  [](auto meta) { return meta.getBlock(); });
}

}  // namespace

tl::expected<std::unique_ptr<StoredGrid>, Error> StoredGrid::open(const GridOptions& options) {
  std::error_code failed;
  if (!std::filesystem::is_directory(options.directory / "journal", failed)) return nullptr;
  auto known = storage::read_grid_file(options.directory);
  if (!known) return tl::unexpected(known.error());
  if (!*known) return nullptr;
  const storage::Topology topology((*known)->partitions);
  auto lock = storage::DirectoryLock::share(options.directory);
  if (!lock) return tl::unexpected(lock.error());
  std::unique_ptr<StoredGrid> grid(new StoredGrid(options.directory, topology, std::move(*lock)));
  storage::LocalJournalOptions journal;
  journal.directory = options.directory / "journal";
  journal.grid_id = (*known)->id;
  journal.partition_count = topology.count();
  auto ends = storage::read_journal_ends(std::move(journal));
  if (!ends) return tl::unexpected(ends.error());
  auto complete = grid->open_stores(options, *ends);
  if (!complete) return tl::unexpected(complete.error());
  if (!*complete) return nullptr;
  return grid;
}

tl::expected<bool, Error> StoredGrid::open_stores(const GridOptions& options,
                                                  const std::vector<BlockNumber>& ends) {
  const auto files = open_files_per_store(topology_.count(),
                                          options.journal_bytes_max / options.journal_segment_bytes,
                                          open_files_limit());
  if (!files) return tl::unexpected(files.error());
  const auto resources =
      storage::StoreResources::make(options.block_cache_bytes, options.background_threads);
  for (const PartitionId id : topology_.all()) {
    const auto path = directory_ / store_directory(id, topology_);
    std::error_code failed;
    const bool is_there = std::filesystem::exists(path / "CURRENT", failed);
    const auto kind = topology_.kind(id);
    if (ends[id] == 0 && (kind == storage::PartitionKind::gsp_group ||
                          (kind == storage::PartitionKind::meters && !is_there))) {
      stores_.push_back(nullptr);
      continue;
    }
    if (!is_there) return false;
    auto store = storage::Store::open({path, options.memtable_bytes, true, resources, *files});
    if (!store) return tl::unexpected(store.error());
    const auto block = block_of(**store);
    if (!block) return tl::unexpected(block.error());
    if (*block != ends[id]) return false;
    stores_.push_back(std::move(*store));
  }
  return true;
}

storage::StoreSet StoredGrid::stores() const {
  std::vector<const storage::Store*> stores;
  for (const auto& store : stores_) stores.push_back(store.get());
  return {topology_, std::move(stores)};
}

}  // namespace hhgrid::actors
