#include "net/tables/partition_judgement.hpp"

namespace hhgrid::net {

tl::expected<void, storage::Error> PartitionJudgement::load(const MeterStores& stores,
                                                            std::size_t partition) {
  const auto* const view = stores.view(partition);
  if (view == nullptr) return {};
  const auto loaded = terms.load(*view).and_then([&] { return limits.load(*view); }).and_then([&] {
    return judgement.add_all(*view);
  });
  if (!loaded) return tl::unexpected(loaded.error());
  return {};
}

}  // namespace hhgrid::net
