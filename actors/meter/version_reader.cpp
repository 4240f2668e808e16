#include "actors/meter/version_reader.hpp"

#include "actors/host/fold.hpp"

namespace hhgrid::actors {

std::span<const StoredVersion> VersionReader::versions(const Presence::Key& key, core::Mpan mpan) {
  versions_.clear();
  const std::string prefix = version_prefix(key.day, mpan, key.quantity);
  for (bool there = cursor_.seek(prefix); there && cursor_.key().starts_with(prefix);
       there = cursor_.next()) {
    const auto read = read_version_key(cursor_.key(), where_);
    if (!read) throw_read_error(read.error());
    auto version = read_version(*read, cursor_.value(), where_);
    if (!version) throw_read_error(version.error());
    versions_.push_back(std::move(*version));
  }
  if (const auto status = cursor_.status(); !status) throw_read_error(status.error());
  if (in_block_) in_block_(key, mpan, versions_);
  return versions_;
}

}  // namespace hhgrid::actors
