#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

namespace hhgrid::core {

/// A parse error as a sentence that begins with the text in quotes: `'x' is not a ...`.
inline tl::unexpected<ParseError> parse_failure(std::string_view text, std::string_view why) {
  return tl::unexpected(ParseError{std::string("'").append(text).append("' ").append(why)});
}

/// Period numbers as people write them: {1, 2, 3, 7} is "1-3, 7". `periods` are ascending.
std::string format_periods(const std::vector<int>& periods);

/// ASCII only, whatever the locale.
constexpr bool is_digit(char c) { return '0' <= c && c <= '9'; }

/// 1 to 18 ASCII digits and nothing else as a number; nothing otherwise.
constexpr std::optional<std::uint64_t> parse_digits(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

}  // namespace hhgrid::core
