#pragma once

#include <string>

#include <rocksdb/status.h>

#include "storage/wire/error.hpp"

namespace hhgrid::storage {

/// What RocksDB refused at `where`, as a sentence: no_space, damaged or io.
Error to_error(const rocksdb::Status& status, const std::string& where);
/// RocksDB tells only by its words that another process, or this one, has the store open.
bool is_locked(const rocksdb::Status& status);

}  // namespace hhgrid::storage
