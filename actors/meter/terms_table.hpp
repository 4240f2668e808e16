#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "actors/host/prefetch.hpp"
#include "core/allocation/settle.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using TermsId = std::uint32_t;

/// The distinct registration terms of a partition's meters, numbered in order of first appearance
/// in its journal. Most meters share theirs with many others, so a meter keeps a number instead of
/// the terms.
class TermsTable {
 public:
  TermsId intern(const core::Terms& terms);
  const core::Terms& at(TermsId id) const { return terms_.at(id); }
  std::size_t size() const { return terms_.size(); }
  void prefetch(TermsId id) const { actors::prefetch(terms_.data() + id, sizeof(core::Terms)); }

  template <class Source>
  tl::expected<void, storage::Error> load(const Source& source);
  /// Puts the terms interned since the last call.
  void write(storage::Commit& commit);

 private:
  /// Throws when it is not the next one or does not hold.
  void take(TermsId id, schema::Terms::Reader terms);
  std::vector<core::Terms> terms_;
  std::map<core::Terms, TermsId> ids_;
  std::size_t written_ = 0;
};

/// By number.
inline constexpr storage::Table<schema::TermsRecord> terms_records(storage::Family::actor, "t");

template <class Source>
tl::expected<void, storage::Error> TermsTable::load(const Source& source) {
  auto read = terms_records.each(
      source, [&](storage::KeyReader& key, auto record) { take(key.u32(), record.getTerms()); });
  written_ = terms_.size();
  return read;
}

}  // namespace hhgrid::actors
