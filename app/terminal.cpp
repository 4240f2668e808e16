#include "app/terminal.hpp"

#include <cerrno>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "core/decimal.hpp"

namespace hhgrid::app {

Terminal::Terminal(std::FILE* stream)
    : stream_(stream),
      interactive_(isatty(fileno(stream)) == 1 && std::getenv("NO_COLOR") == nullptr) {}

std::string Terminal::styled(std::string_view text, Style style) const {
  if (!interactive_ || style == Style::plain) return std::string(text);
  static constexpr int codes[] = {0, 1, 2, 31, 32, 33, 36};
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(style)], text);
}

void Terminal::write(std::string_view text) const {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stream_) == text.size() && std::fflush(stream_) == 0;
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
