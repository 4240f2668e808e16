#include "storage/store/store_status.hpp"

namespace hhgrid::storage {

Error to_error(const rocksdb::Status& status, const std::string& where) {
  const std::string cause = status.ToString();
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kNoSpace)
    return {Errc::no_space,
            where + ": the disk is full (" + cause + "); free some space and try again"};
  // A file that the store lists and the directory does not have is no better than a damaged one.
  if (status.IsCorruption() || status.IsPathNotFound())
    return {Errc::damaged_table, where + ": damaged (" + cause + ")"};
  return {Errc::io, where + ": " + cause};
}

bool is_locked(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() && text.find("/LOCK: ") != std::string::npos &&
         (text.find("Resource temporarily unavailable") != std::string::npos ||
          text.find("lock hold by current process") != std::string::npos);
}

}  // namespace hhgrid::storage
