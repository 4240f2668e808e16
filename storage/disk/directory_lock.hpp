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
  /// For reading alone: others may read too, and nobody may acquire it meanwhile. Writes nothing,
  /// so that a directory that cannot be written will do; one without the file `LOCK` has no holder.
  /// Errors: in_use, io.
  static tl::expected<DirectoryLock, Error> share(const std::filesystem::path& directory);

 private:
  explicit DirectoryLock(UniqueFd file) : file_(std::move(file)) {}

  UniqueFd file_;
};

}  // namespace hhgrid::storage
