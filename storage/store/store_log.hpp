#pragma once

#include <memory>
#include <string>

namespace rocksdb {
class Logger;
}  // namespace rocksdb

namespace hhgrid::storage {

/// Where a store's RocksDB says what goes wrong: the program's own log, at level debug, since every
/// error comes back to the caller too. RocksDB's default, a file beside the data, is no choice:
/// once a full disk has refused a line of it, the next line fails an assertion of RocksDB 7.8 and
/// ends the process.
std::shared_ptr<rocksdb::Logger> make_store_log(std::string path);

}  // namespace hhgrid::storage
