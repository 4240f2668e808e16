#pragma once

#include <rocksdb/options.h>

#include "storage/store/store.hpp"

namespace hhgrid::storage {

/// How a store's RocksDB is tuned, as a whole and for each column family.
rocksdb::DBOptions database_options(const StoreOptions& options);
rocksdb::ColumnFamilyOptions family_options(Family family, const StoreOptions& options);

}  // namespace hhgrid::storage
