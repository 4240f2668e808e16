#include "config/period_windows.hpp"

#include <charconv>

#include <fmt/format.h>

namespace hhgrid::config {
namespace {

constexpr std::string_view gsp_group_letters = "ABCDEFGHJKLMNP";
constexpr std::uint32_t periods = 48;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

std::optional<std::uint32_t> parse_period(std::string_view text) {
  std::uint32_t period = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), period);
  if (error != std::errc() || end != text.data() + text.size() || period < 1 || period > periods)
    return std::nullopt;
  return period;
}

bool is_gsp_group(std::string_view text) {
  return text.size() == 2 && text[0] == '_' &&
         gsp_group_letters.find(text[1]) != std::string_view::npos;
}

}  // namespace

std::optional<PeriodWindows> parse_period_windows(std::string_view text) {
  PeriodWindows windows;
  for (auto rest = trimmed(text); !rest.empty();) {
    const auto comma = rest.find(',');
    const auto item = trimmed(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : trimmed(rest.substr(comma + 1));
    if (comma != std::string_view::npos && rest.empty()) return std::nullopt;
    const auto space = item.find(' ');
    if (space == std::string_view::npos || !is_gsp_group(item.substr(0, space)))
      return std::nullopt;
    const auto range = trimmed(item.substr(space));
    const auto dash = range.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first = parse_period(range.substr(0, dash));
    const auto last = parse_period(range.substr(dash + 1));
    if (!first || !last ||
        !windows.emplace(item.substr(0, space), PeriodWindow{*first, *last}).second)
      return std::nullopt;
  }
  return windows;
}

std::string to_string(const PeriodWindows& windows) {
  std::string text;
  for (const auto& [group, window] : windows)
    text += fmt::format("{}{} {}-{}", text.empty() ? "" : ", ", group, window.first, window.last);
  return text;
}

}  // namespace hhgrid::config
