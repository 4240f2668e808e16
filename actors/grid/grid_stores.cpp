#include <spdlog/spdlog.h>

#include "actors/grid/grid_impl.hpp"
#include "actors/grid/store_directory.hpp"
#include "actors/host/in_parallel.hpp"
#include "storage/store/applied_file.hpp"

namespace hhgrid::actors {

using storage::Error;
using storage::PartitionId;

std::filesystem::path Grid::Impl::store_directory(PartitionId id) const {
  return options.directory / actors::store_directory(id, topology());
}

bool Grid::Impl::opens_late(PartitionId id) const {
  return topology().kind(id) == storage::PartitionKind::gsp_group;
}

bool Grid::Impl::can_wait(PartitionId id) const {
  if (!opens_late(id)) return false;
  const auto store = store_directory(id);
  const auto end = journal->end(id);
  const auto applied = storage::read_applied_file(store);
  std::error_code failed;
  if (!applied) return end == 0 && !std::filesystem::exists(store, failed);
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
  if (opens_late(id)) {
    if (journal->end(id) == 0) return nullptr;
    if (auto opened = ensure_open(id); !opened) return tl::unexpected(opened.error());
  }
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

}  // namespace hhgrid::actors
