#include "storage/disk/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <system_error>

namespace hhgrid::storage {

namespace {

tl::unexpected<SystemError> last_error() { return tl::unexpected(SystemError{errno}); }

/// Repeats a call that a signal interrupted.
template <class Call>
auto retried(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

template <class Call>
SystemResult<void> checked(Call call) {
  if (retried(call) == -1) return last_error();
  return {};
}

int count_of(std::span<const iovec> parts) {
  return static_cast<int>(std::min<std::size_t>(parts.size(), IOV_MAX));
}

class PosixFile final : public File {
 public:
  explicit PosixFile(UniqueFd fd) : fd_(std::move(fd)) {}

  SystemResult<std::size_t> write_at(std::span<const iovec> parts, std::uint64_t offset) override {
    const ssize_t written = retried([&] {
      return ::pwritev(fd_.get(), parts.data(), count_of(parts), static_cast<off_t>(offset));
    });
    if (written == -1) return last_error();
    return static_cast<std::size_t>(written);
  }

  SystemResult<std::size_t> read_at(std::span<const iovec> parts,
                                    std::uint64_t offset) const override {
    const ssize_t got = retried([&] {
      return ::preadv(fd_.get(), parts.data(), count_of(parts), static_cast<off_t>(offset));
    });
    if (got == -1) return last_error();
    return static_cast<std::size_t>(got);
  }

  SystemResult<void> sync() override {
    return checked([&] { return ::fdatasync(fd_.get()); });
  }

  SystemResult<void> allocate(std::uint64_t offset, std::uint64_t bytes) override {
    return checked([&] {
      return ::fallocate(fd_.get(), 0, static_cast<off_t>(offset), static_cast<off_t>(bytes));
    });
  }

  SystemResult<void> truncate(std::uint64_t bytes) override {
    return checked([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(bytes)); });
  }

  SystemResult<std::uint64_t> size() const override {
    struct stat status {};
    if (::fstat(fd_.get(), &status) == -1) return last_error();
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  UniqueFd fd_;
};

class PosixFileSystem final : public FileSystem {
 public:
  SystemResult<std::unique_ptr<File>> open(const std::filesystem::path& path,
                                           OpenMode mode) override {
    int flags = O_CLOEXEC;
    if (mode == OpenMode::read) flags |= O_RDONLY;
    if (mode == OpenMode::write) flags |= O_RDWR;
    if (mode == OpenMode::create) flags |= O_RDWR | O_CREAT | O_TRUNC;
    const int fd = retried([&] { return ::open(path.c_str(), flags, 0640); });
    if (fd == -1) return last_error();
    return std::make_unique<PosixFile>(UniqueFd(fd));
  }

  SystemResult<std::vector<std::string>> list(
      const std::filesystem::path& directory) const override {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), last; !error && entry != last;
         entry.increment(error)) {
      names.push_back(entry->path().filename().string());
    }
    if (error) return tl::unexpected(SystemError{error.value()});
    std::sort(names.begin(), names.end());
    return names;
  }

  SystemResult<void> make_directory(const std::filesystem::path& directory) override {
    std::error_code error;
    if (std::filesystem::is_directory(directory, error)) return {};
    const auto parent = std::filesystem::absolute(directory).parent_path();
    if (auto made = parent == directory ? SystemResult<void>{} : make_directory(parent); !made) {
      return made;
    }
    if (::mkdir(directory.c_str(), 0750) == -1 && errno != EEXIST) return last_error();
    return sync_directory(parent);
  }

  SystemResult<void> rename(const std::filesystem::path& from,
                            const std::filesystem::path& to) override {
    return checked([&] { return ::rename(from.c_str(), to.c_str()); });
  }

  SystemResult<void> remove(const std::filesystem::path& path) override {
    return checked([&] { return ::unlink(path.c_str()); });
  }

  SystemResult<void> sync_directory(const std::filesystem::path& directory) override {
    const UniqueFd fd(
        retried([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (fd.get() == -1) return last_error();
    return checked([&] { return ::fsync(fd.get()); });
  }
};

}  // namespace

bool is_no_space(SystemError error) { return error.number == ENOSPC || error.number == EDQUOT; }

Error to_error(SystemError error, std::string_view action, const std::filesystem::path& path) {
  std::string text = "Cannot ";
  text.append(action).append(" ").append(path.string()).append(": ");
  text.append(std::generic_category().message(error.number)).append(".");
  return {is_no_space(error) ? Errc::no_space : Errc::io, std::move(text)};
}

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

UniqueFd::~UniqueFd() {
  // A failed close loses nothing here: whatever must last was synced before.
  if (fd_ != -1) ::close(fd_);
}

std::shared_ptr<FileSystem> make_file_system() { return std::make_shared<PosixFileSystem>(); }

SystemResult<void> write_fully(File& file, std::vector<iovec> parts, std::uint64_t offset) {
  std::size_t done = 0;  // parts before this one are written
  while (done < parts.size()) {
    if (parts[done].iov_len == 0) {
      ++done;
      continue;
    }
    auto written = file.write_at(std::span(parts).subspan(done), offset);
    if (!written) return tl::unexpected(written.error());
    // A device that takes nothing and reports nothing would keep us here for ever.
    if (*written == 0) return tl::unexpected(SystemError{EIO});
    offset += *written;
    for (std::size_t left = *written; left > 0;) {
      iovec& part = parts[done];
      const std::size_t taken = std::min(left, part.iov_len);
      part.iov_base = static_cast<std::byte*>(part.iov_base) + taken;
      part.iov_len -= taken;
      left -= taken;
      if (part.iov_len == 0) ++done;
    }
  }
  return {};
}

SystemResult<std::size_t> read_fully(const File& file, std::span<std::byte> bytes,
                                     std::uint64_t offset) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const iovec part{bytes.data() + done, bytes.size() - done};
    auto got = file.read_at({&part, 1}, offset + done);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) break;
    done += *got;
  }
  return done;
}

}  // namespace hhgrid::storage
