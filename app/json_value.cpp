#include "app/json_value.hpp"

#include <cctype>
#include <cstdint>

#include <fmt/format.h>

namespace hhgrid::app {
namespace {

constexpr int depth_max = 32;

/// Recursive descent over RFC 8259; what it does not understand ends it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  tl::expected<JsonValue, std::string> parse() {
    JsonValue value;
    if (!read_value(value, 0)) return tl::unexpected(fmt::format("no JSON at byte {}", at_));
    skip_blanks();
    if (at_ != text_.size())
      return tl::unexpected(fmt::format("more than one JSON value at byte {}", at_));
    return value;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char wanted) {
    skip_blanks();
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  bool read_value(JsonValue& value, int depth) {
    if (depth > depth_max) return false;
    skip_blanks();
    switch (peek()) {
      case '{':
        return read_members(value, JsonValue::Kind::object, '}', depth);
      case '[':
        return read_members(value, JsonValue::Kind::list, ']', depth);
      case '"':
        value.kind = JsonValue::Kind::text;
        return read_text(value.text);
      default:
        return read_word(value);
    }
  }

  bool read_members(JsonValue& value, JsonValue::Kind kind, char end, int depth) {
    value.kind = kind;
    ++at_;
    if (take(end)) return true;
    do {
      std::pair<std::string, JsonValue> member;
      skip_blanks();
      if (kind == JsonValue::Kind::object && (!read_text(member.first) || !take(':'))) return false;
      if (!read_value(member.second, depth + 1)) return false;
      value.members.push_back(std::move(member));
    } while (take(','));
    return take(end);
  }

  bool read_word(JsonValue& value) {
    while (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '-' ||
           peek() == '+' || peek() == '.')
      value.text += text_[at_++];
    if (value.text.empty()) return false;
    if (value.text == "null") {
      value.text.clear();
    } else if (value.text == "true" || value.text == "false") {
      value.kind = JsonValue::Kind::boolean;
    } else {
      value.kind = JsonValue::Kind::number;
    }
    return true;
  }

  bool read_text(std::string& out) {
    if (peek() != '"') return false;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') return ++at_, true;
      if (c != '\\') {
        out += c;
      } else if (++at_ < text_.size() && !read_escape(out)) {
        return false;
      }
    }
    return false;
  }

  bool read_escape(std::string& out) {
    static constexpr std::string_view names = "\"\\/bfnrt", values = "\"\\/\b\f\n\r\t";
    if (text_[at_] == 'u') return read_code_unit(out);
    const auto which = names.find(text_[at_]);
    if (which == std::string_view::npos) return false;
    out += values[which];
    return true;
  }

  /// The basic plane is enough for what the grid writes: surrogates are shown as they are.
  bool read_code_unit(std::string& out) {
    if (at_ + 4 >= text_.size()) return false;
    std::uint32_t unit = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[++at_];
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return false;
      unit = unit * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    if (unit < 0x80) {
      out += static_cast<char>(unit);
    } else if (unit < 0x800) {
      out += static_cast<char>(0xC0 | unit >> 6);
      out += static_cast<char>(0x80 | (unit & 0x3F));
    } else {
      out += static_cast<char>(0xE0 | unit >> 12);
      out += static_cast<char>(0x80 | (unit >> 6 & 0x3F));
      out += static_cast<char>(0x80 | (unit & 0x3F));
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

tl::expected<JsonValue, std::string> parse_json(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace hhgrid::app
