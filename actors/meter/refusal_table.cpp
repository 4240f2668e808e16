#include "actors/meter/refusal_table.hpp"

#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

using storage::Error;

std::string refusal_key(const VersionKey& version) {
  return std::string(refusal_tag) + version_key(version);
}

std::string refusal_day_prefix(core::UtcDay day) {
  return std::string(refusal_tag) + version_day_prefix(day);
}

tl::expected<VersionKey, Error> read_refusal_key(std::string_view bytes, const std::string& where) {
  if (bytes.substr(0, refusal_tag.size()) == refusal_tag)
    if (auto key = read_version_key(bytes.substr(refusal_tag.size()), where)) return key;
  return tl::unexpected(
      Error{storage::Errc::damaged,
            where + " actor " + storage::printable_key(bytes) + ": is no key of a refusal"});
}

std::string refusal_record(const core::RefusedPeriods& refused) {
  storage::RecordBuilder<schema::RefusalRecord> record;
  write_refused(refused, [&](unsigned n) { return record->initRefused(n); });
  return record.bytes();
}

tl::expected<core::RefusedPeriods, Error> read_refusal_record(std::string_view bytes,
                                                              const storage::Where& where) {
  return storage::read_record<schema::RefusalRecord>(
      bytes, where, [](auto record) { return read_refused(record.getRefused()); });
}

void RefusalChanges::write(storage::Commit& commit) {
  for (const auto& [version, refused] : changes_) {
    if (refused.none())
      commit.erase(storage::Family::actor, refusal_key(version));
    else
      commit.put(storage::Family::actor, refusal_key(version), refusal_record(refused));
  }
  changes_.clear();
}

}  // namespace hhgrid::actors
