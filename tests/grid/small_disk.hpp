#pragma once

#include <filesystem>
#include <string>

namespace hhgrid::tests {

/// A file system of its own of a given size, in memory; needs the right to mount. Unmounted and
/// gone with the object.
class SmallDisk {
 public:
  explicit SmallDisk(std::size_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  /// Empty, or why there is no disk.
  const std::string& refusal() const { return refusal_; }
  const std::filesystem::path& path() const { return path_; }
  std::size_t free_bytes() const { return std::filesystem::space(path_).available; }

  /// Puts a file on it that leaves so much free.
  void fill(std::size_t leave_free_bytes);
  /// Deletes that file.
  void make_room();

 private:
  std::filesystem::path path_;
  std::string refusal_;
  bool mounted_ = false;
};

}  // namespace hhgrid::tests
