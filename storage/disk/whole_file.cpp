#include "storage/disk/whole_file.hpp"

#include <span>

#include "storage/disk/file.hpp"

namespace hhgrid::storage {

tl::expected<std::optional<std::string>, Error> read_whole_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::optional<std::string>();
  const auto files = make_file_system();
  auto file = files->open(path, OpenMode::read);
  if (!file) return tl::unexpected(to_error(file.error(), "open", path));
  const auto size = (*file)->size();
  if (!size) return tl::unexpected(to_error(size.error(), "read", path));
  std::string bytes(*size, '\0');
  const auto read = read_fully(**file, std::as_writable_bytes(std::span(bytes)), 0);
  if (!read) return tl::unexpected(to_error(read.error(), "read", path));
  bytes.resize(*read);
  return bytes;
}

tl::expected<void, Error> replace_file(const std::filesystem::path& path, std::string_view bytes) {
  const auto files = make_file_system();
  auto new_path = path;
  new_path += ".new";
  {
    auto file = files->open(new_path, OpenMode::create);
    if (!file) return tl::unexpected(to_error(file.error(), "create", new_path));
    std::string copy(bytes);  // what is written from must be writable
    if (auto done = write_fully(**file, {{copy.data(), copy.size()}}, 0); !done)
      return tl::unexpected(to_error(done.error(), "write", new_path));
    if (auto done = (*file)->sync(); !done)
      return tl::unexpected(to_error(done.error(), "write", new_path));
  }
  if (auto done = files->rename(new_path, path); !done)
    return tl::unexpected(to_error(done.error(), "rename", new_path));
  if (auto done = files->sync_directory(path.parent_path()); !done)
    return tl::unexpected(to_error(done.error(), "write", path.parent_path()));
  return {};
}

tl::expected<void, Error> remove_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  const auto files = make_file_system();
  if (auto done = files->remove(path); !done)
    return tl::unexpected(to_error(done.error(), "delete", path));
  if (auto done = files->sync_directory(path.parent_path()); !done)
    return tl::unexpected(to_error(done.error(), "write", path.parent_path()));
  return {};
}

}  // namespace hhgrid::storage
