#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "storage/wire/error.hpp"

namespace hhgrid::storage {

/// What the operating system answered: an `errno` value.
struct SystemError {
  int number = 0;
};
template <class T>
using SystemResult = tl::expected<T, SystemError>;

/// The disk or the quota is full: nothing is broken, and a later try may succeed.
bool is_no_space(SystemError error);
/// no_space or io, as "Cannot <action> <path>: <cause>."
Error to_error(SystemError error, std::string_view action, const std::filesystem::path& path);

/// Owns a file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd();
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

/// One open file. Each function is one system call and may do less than asked, as the call may;
/// interrupted calls are repeated. Tests put their own in its place to make disks full, torn or
/// broken. Thread-safe as the calls are.
class File {
 public:
  virtual ~File() = default;
  /// Bytes written, from the front of `parts`; at most IOV_MAX parts.
  virtual SystemResult<std::size_t> write_at(std::span<const iovec> parts,
                                             std::uint64_t offset) = 0;
  /// Bytes read; 0 at the end of the file.
  virtual SystemResult<std::size_t> read_at(std::span<const iovec> parts,
                                            std::uint64_t offset) const = 0;
  /// Makes the written bytes durable, and what is needed to find them.
  virtual SystemResult<void> sync() = 0;
  /// Reserves disk space for the range and extends the file over it; the new bytes read as zero.
  virtual SystemResult<void> allocate(std::uint64_t offset, std::uint64_t bytes) = 0;
  virtual SystemResult<void> truncate(std::uint64_t bytes) = 0;
  virtual SystemResult<std::uint64_t> size() const = 0;
};

enum class OpenMode {
  read,    ///< An existing file.
  write,   ///< An existing file, for reading and writing.
  create,  ///< Makes the file, or empties it.
};

/// What a journal needs of a file system, so that tests can bring their own.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual SystemResult<std::unique_ptr<File>> open(const std::filesystem::path& path,
                                                   OpenMode mode) = 0;
  /// Names in the directory, sorted.
  virtual SystemResult<std::vector<std::string>> list(
      const std::filesystem::path& directory) const = 0;
  /// Makes the directory and its missing parents, durably. An existing one is fine.
  virtual SystemResult<void> make_directory(const std::filesystem::path& directory) = 0;
  virtual SystemResult<void> rename(const std::filesystem::path& from,
                                    const std::filesystem::path& to) = 0;
  virtual SystemResult<void> remove(const std::filesystem::path& path) = 0;
  /// Makes the directory's names durable: what was created, renamed and removed in it.
  virtual SystemResult<void> sync_directory(const std::filesystem::path& directory) = 0;
};

/// The operating system's.
std::shared_ptr<FileSystem> make_file_system();

/// Writes all of `parts`, in as many calls as it takes. After an error any of the bytes may have
/// been written.
SystemResult<void> write_fully(File& file, std::vector<iovec> parts, std::uint64_t offset);
/// Reads until `bytes` is full or the file ends; returns the bytes read.
SystemResult<std::size_t> read_fully(const File& file, std::span<std::byte> bytes,
                                     std::uint64_t offset);

}  // namespace hhgrid::storage
