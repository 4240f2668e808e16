#include "app/wait_applied.hpp"

#include "app/progress.hpp"

namespace hhgrid::app {

tl::expected<void, storage::Error> wait_applied(const Context& context, net::GridService& grid) {
  Progress progress(context.err, context.talks(), [&] {
    std::uint64_t waiting = 0;
    const auto partitions = grid.status();
    for (const auto& partition : partitions.value_or(std::vector<actors::PartitionStatus>()))
      waiting += partition.journal_end - std::min(partition.applied, partition.journal_end);
    return Progress::State{"applying what was loaded", std::nullopt, waiting, "entries to go",
                           false};
  });
  return grid.drain();
}

}  // namespace hhgrid::app
