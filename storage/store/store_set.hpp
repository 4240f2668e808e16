#pragma once

#include <functional>
#include <vector>

#include <tl/expected.hpp>

#include "storage/store/store.hpp"
#include "storage/wire/topology.hpp"

namespace hhgrid::storage {

/// The stores of a grid's partitions, for reading. A partition that has taken nothing yet may have
/// none. Copies share what they find; the stores outlive them.
class StoreSet {
 public:
  /// Null: the partition has no store. Error: why it cannot be opened.
  using Find = std::function<tl::expected<const Store*, Error>(PartitionId)>;
  StoreSet(Topology topology, Find find) : topology_(topology), find_(std::move(find)) {}
  /// `by_partition`: index is the partition; those beyond the last have none.
  StoreSet(Topology topology, std::vector<const Store*> by_partition);

  const Topology& topology() const { return topology_; }
  tl::expected<const Store*, Error> find(PartitionId id) const { return find_(id); }
  /// Calls `visit(PartitionId, const Store&)` for every partition that has a store, until it
  /// returns an error.
  template <class Visit>
  tl::expected<void, Error> each(Visit&& visit) const {
    for (const PartitionId id : topology_.all()) {
      const auto store = find(id);
      if (!store) return tl::unexpected(store.error());
      if (*store == nullptr) continue;
      if (tl::expected<void, Error> visited = visit(id, **store); !visited) return visited;
    }
    return {};
  }
  /// Of a partition that has a store (asserted): the market always does, meters from their first
  /// entry on.
  const Store& at(PartitionId id) const;
  const Store& market() const { return at(topology_.market()); }

 private:
  Topology topology_;
  Find find_;
};

}  // namespace hhgrid::storage
