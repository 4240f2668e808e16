#include "app/group_stores.hpp"

namespace hhgrid::app {

Result<void> for_each_group(const actors::Grid& grid, const VisitGroup& visit) {
  const auto stores = grid.stores();
  for (const storage::PartitionId id : stores.topology().all_gsp_groups()) {
    const auto store = stores.find(id);
    if (!store) return fail(store.error());
    if (*store == nullptr) continue;
    const actors::View view(**store);
    if (auto done = visit(view, stores.topology().gsp_group(id)); !done) return fail(done.error());
  }
  return {};
}

}  // namespace hhgrid::app
