#include <spdlog/spdlog.h>

#include "actors/grid/grid_impl.hpp"
#include "actors/grid/store_directory.hpp"
#include "actors/host/in_parallel.hpp"
#include "storage/store/applied_file.hpp"

namespace hhgrid::actors {

using storage::Error;
using storage::PartitionId;
using storage::PartitionKind;

std::filesystem::path Grid::Impl::store_directory(PartitionId id) const {
  return options.directory / actors::store_directory(id, topology());
}

bool Grid::Impl::can_wait(PartitionId id) const {
  if (topology().kind(id) != PartitionKind::gsp_group) return false;
  const auto applied = storage::read_applied_file(store_directory(id));
  if (!applied) return journal->end(id) == 0;
  return applied->grid == grid_id && applied->position == journal->end(id);
}

tl::expected<void, Error> Grid::Impl::ensure_open(PartitionId id) {
  const std::lock_guard lock(*partitions[id].opening);
  if (partitions[id].fold) return {};
  return open_partition(id);
}

tl::expected<const storage::Store*, Error> Grid::Impl::find_store(PartitionId id) {
  const bool opens_late = topology().kind(id) == PartitionKind::gsp_group;
  if (opens_late && journal->end(id) == 0) return nullptr;
  if (opens_late)
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
  if (!store) return {};
  auto done = store->flush(true);
  if (done && fold && topology().kind(id) == PartitionKind::gsp_group)
    done = storage::write_applied_file(store_directory(id), {grid_id, store->durable_position()});
  store->on_durable({});
  if (done) return {};
  spdlog::error("partition {}: {}", topology().name(id), done.error().text);
  if (done.error().code == storage::Errc::no_space) return {};
  return done;
}

}  // namespace hhgrid::actors
