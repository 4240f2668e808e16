#include "storage/store/grid_file.hpp"

#include "storage/disk/file.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::storage {
namespace {

constexpr const char* file_name = "GRID";
constexpr const char* new_file_name = "GRID.new";

}  // namespace

tl::expected<std::optional<GridFile>, Error> read_grid_file(
    const std::filesystem::path& directory) {
  const auto path = directory / file_name;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::optional<GridFile>();
  const auto files = make_file_system();
  auto file = files->open(path, OpenMode::read);
  if (!file) return tl::unexpected(to_error(file.error(), "open", path));
  const auto size = (*file)->size();
  if (!size) return tl::unexpected(to_error(size.error(), "read", path));
  std::string bytes(*size, '\0');
  const auto read = read_fully(**file, std::as_writable_bytes(std::span(bytes)), 0);
  if (!read) return tl::unexpected(to_error(read.error(), "read", path));
  bytes.resize(*read);
  return read_record<schema::GridRecord>(
      bytes, path.string(), [](auto record) -> std::optional<GridFile> {
        if (record.getPartitions() == 0)
          throw std::runtime_error("says that the grid has no partitions");
        return GridFile{{record.getGridIdHigh(), record.getGridIdLow()}, record.getPartitions()};
      });
}

tl::expected<void, Error> write_grid_file(const std::filesystem::path& directory,
                                          const GridFile& grid) {
  RecordBuilder<schema::GridRecord> record;
  record->setGridIdHigh(grid.id.high);
  record->setGridIdLow(grid.id.low);
  record->setPartitions(grid.partitions);
  std::string bytes = record.bytes();
  const auto files = make_file_system();
  const auto path = directory / new_file_name;
  {
    auto file = files->open(path, OpenMode::create);
    if (!file) return tl::unexpected(to_error(file.error(), "create", path));
    if (auto done = write_fully(**file, {{bytes.data(), bytes.size()}}, 0); !done)
      return tl::unexpected(to_error(done.error(), "write", path));
    if (auto done = (*file)->sync(); !done)
      return tl::unexpected(to_error(done.error(), "write", path));
  }
  if (auto done = files->rename(path, directory / file_name); !done)
    return tl::unexpected(to_error(done.error(), "rename", path));
  if (auto done = files->sync_directory(directory); !done)
    return tl::unexpected(to_error(done.error(), "write", directory));
  return {};
}

}  // namespace hhgrid::storage
