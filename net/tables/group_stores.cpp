#include "net/tables/group_stores.hpp"

namespace hhgrid::net {

tl::expected<void, storage::Error> for_each_group(const storage::StoreSet& stores,
                                                  const VisitGroup& visit) {
  for (const storage::PartitionId id : stores.topology().all_gsp_groups()) {
    const auto store = stores.find(id);
    if (!store) return tl::unexpected(store.error());
    if (*store == nullptr) continue;
    const actors::View view(**store);
    if (auto done = visit(view, stores.topology().gsp_group(id)); !done)
      return tl::unexpected(done.error());
  }
  return {};
}

}  // namespace hhgrid::net
