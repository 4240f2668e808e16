#pragma once

#include <filesystem>

#include <tl/expected.hpp>

#include "storage/disk/file.hpp"
#include "storage/wire/error.hpp"

namespace hhgrid::storage {

/// Keeps a directory to one process: holds flock(2) on its file `LOCK`, which names the holder's
/// process id. The lock ends with this object or with the process, however that ends; the file
/// stays.
class DirectoryLock {
 public:
  /// The directory must exist. Errors: in_use (names path and the holder's process id), no_space,
  /// io.
  static tl::expected<DirectoryLock, Error> acquire(const std::filesystem::path& directory);

 private:
  explicit DirectoryLock(UniqueFd file) : file_(std::move(file)) {}

  UniqueFd file_;
};

}  // namespace hhgrid::storage
