#include "storage/store/applied_file.hpp"

#include "storage/disk/whole_file.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::storage {
namespace {

std::filesystem::path path_of(std::filesystem::path store) {
  store += ".applied";
  return store;
}

}  // namespace

std::optional<AppliedFile> read_applied_file(const std::filesystem::path& store) {
  const auto path = path_of(store);
  const auto bytes = read_whole_file(path);
  if (!bytes || !*bytes) return std::nullopt;
  const auto read = read_record<schema::AppliedRecord>(**bytes, path.string(), [](auto record) {
    return AppliedFile{{record.getGridIdHigh(), record.getGridIdLow()}, record.getPosition()};
  });
  return read ? std::optional(*read) : std::nullopt;
}

tl::expected<void, Error> write_applied_file(const std::filesystem::path& store,
                                             const AppliedFile& applied) {
  RecordBuilder<schema::AppliedRecord> record;
  record->setGridIdHigh(applied.grid.high);
  record->setGridIdLow(applied.grid.low);
  record->setPosition(applied.position);
  return replace_file(path_of(store), record.bytes());
}

}  // namespace hhgrid::storage
