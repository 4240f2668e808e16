#include "core/text.hpp"

namespace hhgrid::core {

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
