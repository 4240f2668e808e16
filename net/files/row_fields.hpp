#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/packing.hpp"
#include "core/standing/standing_data.hpp"
#include "core/types.hpp"
#include "net/files/csv_reader.hpp"
#include "net/files/row_error.hpp"

namespace hhgrid::net {

/// Reads the fields of one row and remembers the first that is not valid; like
/// storage::FieldChecker, a failed reading returns some valid value, so that a row is read to its
/// end and `error` looked at once.
class RowFields {
 public:
  RowFields(const CsvReader& row, std::span<const Column> columns) : row_(row), columns_(columns) {}

  bool ok() const { return !error_; }
  /// What becomes of the row.
  RowOutcome outcome() const {
    if (ok()) return {};
    return {{*error_}};
  }
  /// The error of a value that is rejected alone: the fields read before and after stay good. There
  /// is one.
  RowError take_error() {
    RowError error = std::move(*error_);
    error_.reset();
    return error;
  }

  std::string_view text(std::size_t column) const { return row_.field(column); }
  bool blank(std::size_t column) const { return row_.field(column).empty(); }
  /// Rejects the row for a reason of its own; the first one counts.
  void fail(std::string reason, std::size_t column, std::string text);

  /// Anything that `parse` makes of the text; blank is an error.
  template <class T>
  T value(std::size_t column, core::Parsed<T> (*parse)(std::string_view)) {
    const auto field = row_.field(column);
    auto parsed = parse(field);
    if (parsed) return *parsed;
    if (field.empty()) {
      fail_blank(column);
    } else {
      fail_value(column, parsed.error().text);
    }
    return T{};
  }
  template <class T>
  std::optional<T> optional_value(std::size_t column, core::Parsed<T> (*parse)(std::string_view)) {
    if (blank(column)) return std::nullopt;
    return value(column, parse);
  }
  /// A blank identifier is the empty one.
  template <class Id>
  Id optional_identifier(std::size_t column) {
    return blank(column) ? Id{} : value<Id>(column, &Id::parse);
  }

  core::Mpan mpan(std::size_t column);
  /// A day that the settlement calendar covers.
  std::int32_t day(std::size_t column);
  /// An instant of a day that the settlement calendar covers.
  core::Instant instant(std::size_t column);
  core::EffectiveRange effective(std::size_t from_column, std::size_t to_column);
  /// `T` or `F`.
  bool boolean(std::size_t column);
  /// A decimal scaled by 10^decimals in [min, max].
  std::int64_t decimal(std::size_t column, int decimals, std::int64_t min, std::int64_t max);
  /// A whole number in [min, max].
  std::int64_t number(std::size_t column, std::int64_t min, std::int64_t max) {
    return decimal(column, 0, min, max);
  }
  /// kWh with up to 3 decimals as Wh; negative is ECS1010.
  core::WattHours energy(std::size_t column, core::WattHours max = core::packed_value_max);
  /// The two digits of a distributor.
  std::uint8_t distributor(std::size_t column);

 private:
  void fail_blank(std::size_t column);
  void fail_value(std::size_t column, std::string text);
  /// The slow way of `energy`: finds out what is wrong.
  core::WattHours energy_checked(std::size_t column, core::WattHours max);

  const CsvReader& row_;
  std::span<const Column> columns_;
  std::optional<RowError> error_;
};

/// Digits, a point and up to 3 decimals as Wh, at most 9 digits before the point; -1 for anything
/// else, the cases that need a closer look. In this header because 48 of them are in every
/// meter-day.
inline core::WattHours parse_kwh(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (text.empty() || text.size() > 13) return -1;
  core::WattHours wh = 0;
  const char* const begin = at;
  for (; at != end; ++at) {
    const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
    if (digit > 9) break;
    wh = wh * 10 + digit;
  }
  if (at == begin || at - begin > 9) return -1;
  if (at == end) return wh * 1000;
  if (*at++ != '.' || at == end) return -1;
  constexpr core::WattHours scale[] = {0, 100, 10, 1};
  const auto decimals = end - at;
  if (decimals > 3) return -1;
  for (; at != end; ++at) {
    const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
    if (digit > 9) return -1;
    wh = wh * 10 + digit;
  }
  return wh * scale[decimals];
}

}  // namespace hhgrid::net
