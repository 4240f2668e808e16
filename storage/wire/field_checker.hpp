#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <capnp/blob.h>

#include "core/standing/standing_data.hpp"
#include "core/types.hpp"
#include "storage/wire/error.hpp"

namespace hhgrid::storage {

/// Checks the fields of one stored message and remembers the first that does not hold. A failed
/// check returns some valid value, so that decoding can go on to its end and look at `ok()` once.
class FieldChecker {
 public:
  /// `kind` names the message in the error, for example "registration".
  explicit FieldChecker(const char* kind) : kind_(kind) {}

  bool ok() const { return error_.empty(); }
  /// Errc::damaged; the text names kind, field, value and rule.
  Error error() const { return {Errc::damaged, error_}; }

  /// `rule` completes "... has the value 7, which ".
  void require(bool holds, const char* field, std::int64_t value, const char* rule) {
    if (!holds) fail(field, std::to_string(value), rule);
  }

  template <class E>
  E enumeration(const char* field, std::uint8_t value, int count) {
    require(value < count, field, value, "is no known number");
    return value < count ? static_cast<E>(value) : E{};
  }

  std::int64_t number(const char* field, std::int64_t value, std::int64_t min, std::int64_t max) {
    const bool holds = min <= value && value <= max;
    require(holds, field, value, "is out of range");
    return holds ? value : min;
  }

  /// 13 digits with a valid check digit.
  core::Mpan mpan(const char* field, std::uint64_t digits);
  /// A day that the settlement calendar covers.
  std::int32_t day(const char* field, std::int32_t value);
  /// Of a day that the settlement calendar covers.
  core::Instant instant(const char* field, std::int64_t milliseconds);
  /// Both ends covered by the calendar, or an open end; not turned round.
  core::EffectiveRange range(std::int32_t from, std::int32_t to);

  /// An identifier, GSP Group or the like: anything with `parse`. An empty text is the empty value
  /// when `may_be_empty`.
  template <class Id>
  Id identifier(const char* field, capnp::Text::Reader text, bool may_be_empty = false) {
    const std::string_view view(text.begin(), text.size());
    if (view.empty() && may_be_empty) return {};
    auto parsed = Id::parse(view);
    if (parsed) return *parsed;
    fail(field, view, "is not valid");
    return {};
  }

 private:
  void fail(const char* field, std::string_view value, const char* rule);

  const char* kind_;
  std::string error_;
};

}  // namespace hhgrid::storage
