#include "storage/store/store_set.hpp"

#include "core/assertion.hpp"

namespace hhgrid::storage {

StoreSet::StoreSet(Topology topology, std::vector<const Store*> by_partition)
    : topology_(topology), find_([stores = std::move(by_partition)](PartitionId id) {
        return tl::expected<const Store*, Error>(id < stores.size() ? stores[id] : nullptr);
      }) {}

const Store& StoreSet::at(PartitionId id) const {
  const auto found = find_(id);
  HHGRID_ASSERT(found && *found != nullptr, id);
  return **found;
}

}  // namespace hhgrid::storage
