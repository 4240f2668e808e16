#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

namespace hhgrid::core {

/// The text as a report shows it: of a long one (a whole line of a file, say) the beginning.
std::string excerpt(std::string_view text);

/// A parse error as a sentence that begins with the text in quotes: `'x' is not a ...`.
inline tl::unexpected<ParseError> parse_failure(std::string_view text, std::string_view why) {
  return tl::unexpected(
      ParseError{std::string("'").append(excerpt(text)).append("' ").append(why)});
}

/// A character at the front of a text that may hold anything.
struct Character {
  std::size_t size = 1;          ///< Its bytes.
  std::optional<char32_t> code;  ///< Nothing: the byte begins no character of UTF-8.
};
/// `text` is not empty.
Character first_character(std::string_view text);
/// Shows something on a terminal and nothing else: no control character (of C0 or C1), no line
/// separator, nothing that turns the direction of writing.
bool is_printable(char32_t code);
/// Text from outside (a file, its name, an argument) made safe for a terminal: what is no printable
/// character is shown as `\n`, `\r`, `\t`, `\x1b` (a byte) or `\u202e`. Of the characters in `kept`
/// nothing is changed.
std::string printable(std::string_view text, std::string_view kept = {});

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
