#include "core/assertion.hpp"

namespace hhgrid::core::detail {

void throw_broken_invariant(const char* file, int line, const char* condition,
                            const std::string& operands) {
  std::string text = std::string(file) + ":" + std::to_string(line) + ": the invariant `" +
                     condition + "` does not hold";
  if (!operands.empty()) text += " with " + operands;
  throw BrokenInvariant(text);
}

}  // namespace hhgrid::core::detail
