#include "app/partition_judgement.hpp"

namespace hhgrid::app {

Result<void> PartitionJudgement::load(const MeterStores& stores, std::size_t partition) {
  const auto* const view = stores.view(partition);
  if (view == nullptr) return {};
  const auto loaded = terms.load(*view).and_then([&] { return limits.load(*view); }).and_then([&] {
    return judgement.add_all(*view);
  });
  if (!loaded) return tl::unexpected(failure_of(loaded.error()));
  return {};
}

}  // namespace hhgrid::app
