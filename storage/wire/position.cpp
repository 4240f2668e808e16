#include "storage/wire/position.hpp"

#include <charconv>

namespace hhgrid::storage {
namespace {

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, number);
  if (failed != std::errc() || stopped != end) return std::nullopt;
  return number;
}

}  // namespace

std::string to_string(Position position) {
  return std::to_string(position.block()) + "." + std::to_string(position.index());
}

std::optional<Position> parse_position(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto block = number_in<BlockNumber>(text.substr(0, dot));
  const auto index = number_in<std::uint32_t>(text.substr(dot + 1));
  if (!block || !index || *block >> 48 != 0 || *index >= block_entries_max) return std::nullopt;
  const Position position(*block, *index);
  return to_string(position) == text ? std::optional(position) : std::nullopt;
}

}  // namespace hhgrid::storage
