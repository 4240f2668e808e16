#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include "storage/store/store.hpp"

namespace hhgrid::storage {

/// By Family.
inline constexpr std::array<std::string_view, family_count> family_names = {
    "meta", "actor",  "consumption", "presence", "ledger",
    "run",  "outbox", "dead_letter", "block",    "arrival"};

/// So many of them every store has, since directories are kept; those after them came later.
inline constexpr std::size_t first_family_count = 10;

/// The known families that a store does not have yet: they came after it was made. Errors:
/// missing_family (one of the first is gone), foreign (one that is not known).
tl::expected<std::vector<std::string_view>, Error> families_to_add(
    const std::vector<std::string>& found, std::span<const std::string_view> known,
    std::size_t first_count, const std::string& path);

/// The RocksDB of a store, open; its column families by Family, the default one last.
struct Database {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
};

/// Makes it when it is not there, and adds the families that came after it was made. Errors: as of
/// `Store::open`.
tl::expected<Database, Error> open_database(const StoreOptions& options,
                                            std::shared_ptr<rocksdb::EventListener> listener);

}  // namespace hhgrid::storage
