#include "core/text.hpp"

#include <array>

namespace hhgrid::core {
namespace {

/// Bytes of a character of UTF-8 by its first byte; 0 for a byte that begins none.
std::size_t utf8_size(unsigned char first) {
  if (first < 0x80) return 1;
  if (0xC2 <= first && first <= 0xDF) return 2;
  if (0xE0 <= first && first <= 0xEF) return 3;
  if (0xF0 <= first && first <= 0xF4) return 4;
  return 0;
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += hex[value >> shift & 15];
}

constexpr std::size_t excerpt_bytes = 120;

}  // namespace

std::string excerpt(std::string_view text) {
  if (text.size() <= excerpt_bytes) return std::string(text);
  return std::string(text.substr(0, excerpt_bytes)) + "...";
}

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = utf8_size(byte(0));
  if (size == 1) return {1, byte(0)};
  if (size == 0 || size > text.size()) return {};
  char32_t code = byte(0) & (0xFF >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3F);
  }
  // Written longer than it needs, half of a pair of UTF-16, or beyond Unicode.
  constexpr std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[size] || (0xD800 <= code && code <= 0xDFFF) || code > 0x10FFFF) return {};
  return {size, code};
}

bool is_printable(char32_t code) {
  const auto within = [code](char32_t first, char32_t last) {
    return first <= code && code <= last;
  };
  return !(code < 0x20 || within(0x7F, 0x9F) || within(0x200E, 0x200F) || within(0x2028, 0x202E) ||
           within(0x2066, 0x2069) || code == 0x061C || code == 0xFEFF);
}

std::string printable(std::string_view text, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char c = text[0];
    const auto [size, code] = first_character(text);
    if (kept.find(c) != std::string_view::npos || (code && is_printable(*code))) {
      out += text.substr(0, size);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (code && *code >= 0x80) {
      out += "\\u";
      append_hex(out, *code, 4);
    } else {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(c), 2);
    }
    text.remove_prefix(size);
  }
  return out;
}

std::string format_periods(const std::vector<int>& periods) {
  std::string text;
  for (std::size_t first = 0; first < periods.size();) {
    std::size_t last = first;
    while (last + 1 < periods.size() && periods[last + 1] == periods[last] + 1) ++last;
    if (!text.empty()) text += ", ";
    text += std::to_string(periods[first]);
    if (last > first) text.append("-").append(std::to_string(periods[last]));
    first = last + 1;
  }
  return text;
}

}  // namespace hhgrid::core
