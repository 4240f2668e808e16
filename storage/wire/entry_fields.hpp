#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <kj/exception.h>
#include <tl/expected.hpp>

#include "storage/wire/entry_view.hpp"
#include "storage/wire/field_checker.hpp"

namespace hhgrid::storage {

/// In a field that may be left open.
inline constexpr std::uint8_t any = 255;
/// How many numbers each enumeration of core/types.hpp has.
inline constexpr int quantity_count = 4, segment_count = 3, connection_count = 5,
                     indicator_count = 2, direction_count = 2, settlement_code_count = 8,
                     day_type_count = 4, meter_role_count = 3;

/// Copies into space that `init` makes: identifiers carry no terminating zero, so they cannot be
/// set as they are.
template <class Init>
void put_text(std::string_view text, Init&& init) {
  if (text.empty()) return;
  auto target = init(static_cast<unsigned>(text.size()));
  std::copy(text.begin(), text.end(), target.begin());
}

template <class E>
std::uint8_t number(E value) {
  return static_cast<std::uint8_t>(value);
}
template <class E>
std::uint8_t number_or_any(const std::optional<E>& value) {
  return value ? static_cast<std::uint8_t>(*value) : any;
}
template <class E>
std::optional<E> optional_enumeration(FieldChecker& check, const char* field, std::uint8_t value,
                                      int count) {
  if (value == any) return std::nullopt;
  return check.enumeration<E>(field, value, count);
}

/// Runs `read(FieldChecker&)` over an entry of the kind expected; a failed check, another kind and
/// a message that is broken inside (kj::Exception) are all Errc::damaged.
template <class Read>
auto decode_entry(const char* kind, schema::Entry::Reader entry, schema::Entry::Which expected,
                  Read&& read)
    -> tl::expected<decltype(read(std::declval<FieldChecker&>())), Error> {
  try {
    if (entry.which() != expected) {
      const auto which = static_cast<unsigned>(entry.which());
      return tl::unexpected(Error{Errc::damaged, std::string("an entry of kind number ") +
                                                     std::to_string(which) + " stands where a " +
                                                     kind + " entry was expected"});
    }
    FieldChecker check(kind);
    auto value = read(check);
    if (!check.ok()) return tl::unexpected(check.error());
    return value;
  } catch (const kj::Exception& e) {
    return tl::unexpected(Error{
        Errc::damaged,
        std::string("the ") + kind + " entry is broken inside: " + e.getDescription().cStr()});
  }
}

}  // namespace hhgrid::storage
