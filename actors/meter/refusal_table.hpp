#pragma once

#include <map>
#include <string>

#include "actors/meter/version_record.hpp"
#include "storage/store/store.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

/// Tag of the records of refusals in Family::actor: one for each version of which something is
/// refused, so that they can be listed without reading versions.
inline constexpr std::string_view refusal_tag = "r";

/// Their keys: the tag, then the key of the version; those of a UTC day stand together.
std::string refusal_key(const VersionKey& version);
std::string refusal_day_prefix(core::UtcDay day);
/// The version that a key's refusal is of. Errors: damaged.
tl::expected<VersionKey, storage::Error> read_refusal_key(std::string_view bytes,
                                                          const std::string& where);
std::string refusal_record(const core::RefusedPeriods& refused);
tl::expected<core::RefusedPeriods, storage::Error> read_refusal_record(std::string_view bytes,
                                                                       const storage::Where& where);

/// What a block changes of the partition's refusals.
class RefusalChanges {
 public:
  void set(const VersionKey& version, const core::RefusedPeriods& refused) {
    changes_[version] = refused;
  }
  void write(storage::Commit& commit);

 private:
  std::map<VersionKey, core::RefusedPeriods> changes_;
};

}  // namespace hhgrid::actors
