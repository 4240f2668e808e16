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
    return AppliedFile{{record.getGridIdHigh(), record.getGridIdLow()},
                       {record.getJournalIdHigh(), record.getJournalIdLow()},
                       record.getBlock(),
                       record.getDigest()};
  });
  return read ? std::optional(*read) : std::nullopt;
}

tl::expected<void, Error> write_applied_file(const std::filesystem::path& store,
                                             const AppliedFile& applied) {
  RecordBuilder<schema::AppliedRecord> record;
  record->setGridIdHigh(applied.grid.high);
  record->setGridIdLow(applied.grid.low);
  record->setJournalIdHigh(applied.journal.high);
  record->setJournalIdLow(applied.journal.low);
  record->setBlock(applied.block);
  record->setDigest(applied.digest);
  return replace_file(path_of(store), record.bytes());
}

tl::expected<void, Error> remove_applied_file(const std::filesystem::path& store) {
  return remove_file(path_of(store));
}

}  // namespace hhgrid::storage
