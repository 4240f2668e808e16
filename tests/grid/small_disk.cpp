#include "tests/grid/small_disk.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

namespace hhgrid::tests {

SmallDisk::SmallDisk(std::size_t bytes) {
  std::string name = (std::filesystem::temp_directory_path() / "hhgrid-disk-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
  const std::string size = "size=" + std::to_string(bytes);
  mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, size.c_str()) == 0;
  if (!mounted_)
    refusal_ = std::string("a small file system cannot be mounted: ") + std::strerror(errno) +
               "; run as root";
}

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void SmallDisk::fill(std::size_t leave_free_bytes) {
  const int fd = ::open((path_ / "ballast").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  // In pieces that halve: others write to the disk meanwhile.
  for (std::size_t piece = std::size_t{16} << 20; piece >= 4096;) {
    const bool fits =
        free_bytes() >= leave_free_bytes + piece &&
        ::posix_fallocate(fd, ::lseek(fd, 0, SEEK_END), static_cast<off_t>(piece)) == 0;
    if (!fits) piece /= 2;
  }
  ::close(fd);
}

void SmallDisk::make_room() { std::filesystem::remove(path_ / "ballast"); }

}  // namespace hhgrid::tests
