#include "storage/disk/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace hhgrid::storage {

namespace {

/// What the holder wrote: its process id, or nothing when it has not come to that yet.
std::string read_holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  std::string holder(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  holder.erase(std::min(holder.find('\n'), holder.size()));
  return holder.empty() ? "unknown" : holder;
}

tl::expected<void, Error> lock(int fd, int operation, const std::filesystem::path& path) {
  if (::flock(fd, operation | LOCK_NB) == 0) return {};
  if (errno != EWOULDBLOCK) return tl::unexpected(to_error({errno}, "lock", path));
  return tl::unexpected(Error{Errc::in_use, "The directory " + path.parent_path().string() +
                                                " is in use by process " + read_holder(fd) + "."});
}

}  // namespace

tl::expected<DirectoryLock, Error> DirectoryLock::acquire(const std::filesystem::path& directory) {
  const auto path = directory / "LOCK";
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (fd.get() == -1) return tl::unexpected(to_error({errno}, "open", path));
  if (auto locked = lock(fd.get(), LOCK_EX, path); !locked) return tl::unexpected(locked.error());
  // The id only helps whoever is refused; on a full disk the lock holds without it, but an old id
  // must not stay.
  const std::string holder = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) == -1) return tl::unexpected(to_error({errno}, "write", path));
  if (::pwrite(fd.get(), holder.data(), holder.size(), 0) == -1 && !is_no_space({errno})) {
    return tl::unexpected(to_error({errno}, "write", path));
  }
  return DirectoryLock(std::move(fd));
}

tl::expected<DirectoryLock, Error> DirectoryLock::share(const std::filesystem::path& directory) {
  const auto path = directory / "LOCK";
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() == -1) {
    if (errno == ENOENT) return DirectoryLock(UniqueFd());
    return tl::unexpected(to_error({errno}, "open", path));
  }
  if (auto locked = lock(fd.get(), LOCK_SH, path); !locked) return tl::unexpected(locked.error());
  return DirectoryLock(std::move(fd));
}

}  // namespace hhgrid::storage
