#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "storage/wire/position.hpp"

namespace hhgrid::storage {

/// Builds keys whose byte order is the order of their parts: big-endian, signed numbers with the
/// sign bit flipped, texts with a length byte.
class KeyWriter {
 public:
  KeyWriter& u8(std::uint8_t v) { return big_endian(v); }
  KeyWriter& u16(std::uint16_t v) { return big_endian(v); }
  KeyWriter& u32(std::uint32_t v) { return big_endian(v); }
  KeyWriter& u64(std::uint64_t v) { return big_endian(v); }
  KeyWriter& position(Position v) { return big_endian(v.number()); }
  KeyWriter& day(std::int32_t v) { return big_endian(static_cast<std::uint32_t>(v) ^ 0x80000000u); }
  KeyWriter& tag(char c) { return big_endian(static_cast<std::uint8_t>(c)); }
  KeyWriter& text(std::string_view v) {
    big_endian(static_cast<std::uint8_t>(v.size()));
    key_.append(v);
    return *this;
  }
  const std::string& str() const { return key_; }
  operator std::string_view() const { return key_; }

 private:
  template <class T>
  KeyWriter& big_endian(T value) {
    for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
      key_.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> shift));
    return *this;
  }
  std::string key_;
};

/// A key whose last part is a position, taken apart.
struct PositionedKey {
  std::string_view before;
  Position position;
};
/// Nothing when there is no position, or nothing before it.
std::optional<PositionedKey> split_position(std::string_view key);

/// Reads what KeyWriter wrote; `ok()` is false after reading past the end.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : rest_(key) {}
  std::uint8_t u8() { return big_endian<std::uint8_t>(); }
  std::uint16_t u16() { return big_endian<std::uint16_t>(); }
  std::uint32_t u32() { return big_endian<std::uint32_t>(); }
  std::uint64_t u64() { return big_endian<std::uint64_t>(); }
  Position position() { return Position::from_number(u64()); }
  std::int32_t day() {
    return static_cast<std::int32_t>(big_endian<std::uint32_t>() ^ 0x80000000u);
  }
  std::string_view text() {
    const std::size_t size = u8();
    if (size > rest_.size()) return fail();
    const auto value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }
  /// All that is left.
  std::string_view rest() { return std::exchange(rest_, {}); }
  /// True when everything read was there and nothing is left.
  bool complete() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  std::string_view fail() {
    ok_ = false;
    rest_ = {};
    return {};
  }
  template <class T>
  T big_endian() {
    if (rest_.size() < sizeof(T)) {
      fail();
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = value << 8 | static_cast<std::uint8_t>(rest_[i]);
    rest_.remove_prefix(sizeof(T));
    return static_cast<T>(value);
  }
  std::string_view rest_;
  bool ok_ = true;
};

inline std::optional<PositionedKey> split_position(std::string_view key) {
  if (key.size() <= sizeof(Position)) return std::nullopt;
  const auto before = key.substr(0, key.size() - sizeof(Position));
  return PositionedKey{before, KeyReader(key.substr(before.size())).position()};
}

}  // namespace hhgrid::storage
