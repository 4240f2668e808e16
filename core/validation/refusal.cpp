#include "core/validation/refusal.hpp"

namespace hhgrid::core {

std::string_view to_string(RefusalCode code) {
  constexpr std::string_view codes[] = {"ECS1006", "ECS1008", "ECS1012"};
  return codes[static_cast<std::size_t>(code)];
}

std::string_view sentence(RefusalCode code) {
  constexpr std::string_view sentences[] = {
      "One delivery gives two different values for this half hour; neither counts.",
      "The meter is de-energised, and only actual consumption counts then.",
      "The energy is above the maximum for half an hour, the meter's own or its connection "
      "type's."};
  return sentences[static_cast<std::size_t>(code)];
}

void RefusedPeriods::add(RefusalCode code, std::uint64_t periods) {
  const auto at = static_cast<std::size_t>(code);
  for (std::size_t earlier = 0; earlier < at; ++earlier) periods &= ~by_code[earlier];
  for (std::size_t later = at + 1; later < by_code.size(); ++later) by_code[later] &= ~periods;
  by_code[at] |= periods;
}

}  // namespace hhgrid::core
