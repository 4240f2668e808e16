#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/store/store.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::net {

/// One moment of all meter partitions, read as if they were one store.
class MeterStores {
 public:
  explicit MeterStores(const storage::StoreSet& stores);

  /// Calls `visit(partition, key, value)` for every key with the prefix, over all partitions in the
  /// order of the keys, until it returns false. Holds a few hundred records per partition.
  using Visit =
      std::function<bool(std::size_t partition, std::string_view key, std::string_view value)>;
  tl::expected<void, storage::Error> scan_prefix(storage::Family family, std::string_view prefix,
                                                 const Visit& visit) const;

  std::size_t size() const { return views_.size(); }
  /// Null: nothing has come for the partition, and it has no store.
  const storage::Store::View* view(std::size_t partition) const { return views_[partition].get(); }
  /// For messages: the store's path.
  const std::string& where(std::size_t partition) const { return paths_[partition]; }

 private:
  std::vector<std::unique_ptr<storage::Store::View>> views_;
  std::vector<std::string> paths_;
};

}  // namespace hhgrid::net
