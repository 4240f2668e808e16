#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/allocation/settle.hpp"
#include "storage/store/store.hpp"

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

  template <class Source>
  tl::expected<void, storage::Error> load(const Source& source, const std::string& where);
  /// Puts the terms interned since the last call.
  void write(storage::Commit& commit);

 private:
  tl::expected<void, storage::Error> take(std::string_view key, std::string_view value,
                                          const std::string& where);
  std::vector<core::Terms> terms_;
  std::map<core::Terms, TermsId> ids_;
  std::size_t written_ = 0;
};

template <class Source>
tl::expected<void, storage::Error> TermsTable::load(const Source& source,
                                                    const std::string& where) {
  tl::expected<void, storage::Error> result;
  auto scanned = source.scan_prefix(storage::Family::actor, "t",
                                    [&](std::string_view key, std::string_view value) {
                                      result = take(key, value, where);
                                      return result.has_value();
                                    });
  if (!scanned) return scanned;
  written_ = terms_.size();
  return result;
}

}  // namespace hhgrid::actors
