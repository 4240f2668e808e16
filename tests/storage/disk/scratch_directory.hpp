#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <unistd.h>

namespace hhgrid::tests {

/// A directory of its own, removed with the object.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(const std::filesystem::path& parent) {
    std::string name = (parent / "hhgrid-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class TemporaryDirectory : public ScratchDirectory {
 public:
  TemporaryDirectory() : ScratchDirectory(std::filesystem::temp_directory_path()) {}
};

/// In memory where the system has that: for what tests no disk, as waiting for one takes most of
/// the time.
class FastDirectory : public ScratchDirectory {
 public:
  FastDirectory()
      : ScratchDirectory(::access("/dev/shm", W_OK) == 0 ? std::filesystem::path("/dev/shm")
                                                         : std::filesystem::temp_directory_path()) {
  }
};

}  // namespace hhgrid::tests
