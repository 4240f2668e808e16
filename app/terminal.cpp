#include "app/terminal.hpp"

#include <cerrno>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "core/decimal.hpp"
#include "core/text.hpp"

namespace hhgrid::app {
namespace {

/// Marks of a styled text on its way to `write`: the style's letter follows the first. Escape codes
/// themselves could not be told from those that a file brings.
constexpr char style_begin = '\x0e', style_end = '\x0f';
constexpr std::string_view style_marks = "\x0e\x0f";
constexpr int style_codes[] = {0, 1, 2, 31, 32, 33, 36};

/// The escape codes in place of the marks.
std::string with_escape_codes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == style_end) {
      out += "\x1b[0m";
    } else if (text[i] == style_begin) {
      const auto style = i + 1 < text.size() ? static_cast<std::size_t>(text[++i] - 'a') : 0;
      if (style < std::size(style_codes)) out += fmt::format("\x1b[{}m", style_codes[style]);
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

Terminal::Terminal(std::FILE* stream)
    : stream_(stream),
      interactive_(isatty(fileno(stream)) == 1 && std::getenv("NO_COLOR") == nullptr) {}

std::string Terminal::styled(std::string_view text, Style style) const {
  if (!interactive_ || style == Style::plain) return std::string(text);
  return style_begin + std::string(1, static_cast<char>('a' + static_cast<int>(style))) +
         std::string(text) + style_end;
}

void Terminal::write(std::string_view text) const {
  if (interactive_) {
    put(with_escape_codes(core::printable(text, std::string("\n").append(style_marks))));
  } else {
    put(core::printable(text, "\n"));
  }
}

void Terminal::replace_line(std::string_view text) const {
  put("\r" + core::printable(text) + "\x1b[K");
}

void Terminal::put(std::string_view bytes) const {
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stream_) == bytes.size() &&
                       std::fflush(stream_) == 0;
  int none = 0;
  if (!written) error_.compare_exchange_strong(none, errno);
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string mwh_text(std::int64_t energy_wh, int places) {
  std::int64_t unit = 1;
  for (int i = places; i < 6; ++i) unit *= 10;
  const auto scaled = static_cast<std::int64_t>(core::round_half_away(energy_wh, unit));
  std::string text = core::format_decimal(scaled < 0 ? -scaled : scaled, places);
  const auto point = text.find('.');
  const std::string whole = text.substr(0, point);
  return (scaled < 0 ? "-" : "") + grouped(std::stoull(whole)) +
         (point == std::string::npos ? "" : text.substr(point));
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  const char* unit = "";
  for (const char* next : {"kB", "MB", "GB", "TB"}) {
    if (value < 999.95) break;
    value /= 1000;
    unit = next;
  }
  return fmt::format("{:.1f} {}", value, unit);
}

}  // namespace hhgrid::app
