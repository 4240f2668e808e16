#include "storage/store/grid_file.hpp"

#include "storage/disk/whole_file.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::storage {
namespace {

constexpr const char* file_name = "GRID";

}  // namespace

tl::expected<std::optional<GridFile>, Error> read_grid_file(
    const std::filesystem::path& directory) {
  const auto path = directory / file_name;
  const auto bytes = read_whole_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::optional<GridFile>();
  return read_record<schema::GridRecord>(
      **bytes, path.string(), [](auto record) -> std::optional<GridFile> {
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
  return replace_file(directory / file_name, record.bytes());
}

}  // namespace hhgrid::storage
