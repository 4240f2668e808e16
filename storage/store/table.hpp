#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "storage/store/key.hpp"
#include "storage/store/store.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::storage {

/// All records of one kind in a store: those of a family whose keys begin with a tag, each a
/// message of type `Record`. Reading checks every one: the message, its version, and that its key
/// was read to the end. Errors name path, family and key.
template <class Record>
class Table {
 public:
  /// `tag`: what the keys of this kind begin with; empty when the family holds nothing else. Must
  /// outlive the table: a literal.
  constexpr explicit Table(Family family, std::string_view tag = {}) : family_(family), tag_(tag) {}

  /// The begin of a key of this table, to be continued with its parts.
  KeyWriter key() const {
    KeyWriter writer;
    for (const char c : tag_) writer.tag(c);
    return writer;
  }

  /// Calls `visit(KeyReader& key, typename Record::Reader record)` for the records whose keys begin
  /// with `prefix` (as `key()` began it), in key order; `key` stands behind the tag, and `visit`
  /// reads all of it. `visit` returns nothing, or false to end the scan, or a
  /// `tl::expected<void, Error>` whose error ends it. What it throws is a fault of the record.
  /// Errors: damaged, newer_format, and what the store could not read.
  template <class Source, class Visit>
  tl::expected<void, Error> each(const Source& source, std::string_view prefix,
                                 Visit&& visit) const {
    return scan(source, prefix, prefix_end(prefix), std::forward<Visit>(visit));
  }
  /// The same over the whole table.
  template <class Source, class Visit>
  tl::expected<void, Error> each(const Source& source, Visit&& visit) const {
    return each(source, tag_, std::forward<Visit>(visit));
  }
  /// The same, of a store that is read whole (Store::Caching).
  template <class Visit>
  tl::expected<void, Error> each(const Store::View& view, Visit&& visit,
                                 Store::Caching caching) const {
    return scan(view, tag_, prefix_end(tag_), std::forward<Visit>(visit), caching);
  }

  /// The same for the records whose keys are not below `from`.
  template <class Source, class Visit>
  tl::expected<void, Error> each_from(const Source& source, std::string_view from,
                                      Visit&& visit) const {
    return scan(source, from, prefix_end(tag_), std::forward<Visit>(visit));
  }

  /// What `read` makes of the record with this key; nothing when there is none. Errors as `each`.
  template <class Source, class Read>
  auto get(const Source& source, std::string_view key, Read&& read) const
      -> tl::expected<std::optional<std::invoke_result_t<Read&, typename Record::Reader>>, Error> {
    const auto bytes = source.get(family_, key);
    if (!bytes) return tl::unexpected(bytes.error());
    if (!*bytes) return std::nullopt;
    return read_record<Record>(
        **bytes, [&] { return place(source, key); }, std::forward<Read>(read));
  }

  Family family() const { return family_; }
  std::string_view tag() const { return tag_; }

 private:
  template <class Source>
  std::string place(const Source& source, std::string_view key) const {
    return source.path().string() + " " + std::string(to_string(family_)) + " " +
           printable_key(key);
  }

  /// Over the keys in [from, to).
  template <class Source, class Visit, class... Caching>
  tl::expected<void, Error> scan(const Source& source, std::string_view from, std::string_view to,
                                 Visit&& visit, Caching... caching) const {
    std::optional<Error> failure;
    auto scanned = source.scan(
        family_, from, to,
        [&](std::string_view bytes, std::string_view value) {
          const auto where = [&] { return place(source, bytes); };
          KeyReader key(bytes.substr(std::min(bytes.size(), tag_.size())));
          auto read = read_record<Record>(value, where, [&](typename Record::Reader record) {
            return go_on(visit, key, record);
          });
          if (!read)
            failure = std::move(read.error());
          else if (!key.complete())
            failure = Error{Errc::damaged, where() + ": is no key of such a record"};
          else if (!*read)
            failure = std::move(read->error());
          return !failure && **read;
        },
        caching...);
    if (!scanned) return scanned;
    if (failure) return tl::unexpected(std::move(*failure));
    return {};
  }

  /// Whether the scan goes on after this record.
  template <class Visit>
  static tl::expected<bool, Error> go_on(Visit& visit, KeyReader& key,
                                         typename Record::Reader record) {
    using Answer = std::invoke_result_t<Visit&, KeyReader&, typename Record::Reader>;
    if constexpr (std::is_void_v<Answer>) {
      visit(key, record);
      return true;
    } else if constexpr (std::is_same_v<Answer, bool>) {
      return visit(key, record);
    } else {
      Answer answer = visit(key, record);
      if (!answer) return tl::unexpected(std::move(answer.error()));
      return true;
    }
  }

  Family family_;
  std::string_view tag_;
};

/// Of records whose keys say all: calls `visit(KeyReader& key)` for the keys that begin with
/// `prefix`, in order; `key` stands behind the prefix, and `visit` reads all of it. Errors:
/// damaged, and what the store could not read.
template <class Source, class Visit>
tl::expected<void, Error> each_key(const Source& source, Family family, std::string_view prefix,
                                   Visit&& visit) {
  std::optional<Error> failure;
  auto scanned = source.scan_prefix(family, prefix, [&](std::string_view bytes, std::string_view) {
    KeyReader key(bytes.substr(prefix.size()));
    visit(key);
    if (!key.complete())
      failure =
          Error{Errc::damaged, source.path().string() + " " + std::string(to_string(family)) + " " +
                                   printable_key(bytes) + ": is no key of such a record"};
    return !failure;
  });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(std::move(*failure));
  return {};
}

}  // namespace hhgrid::storage
