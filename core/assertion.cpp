#include "core/assertion.hpp"

namespace hhgrid::core::detail {

void throw_broken_invariant(const char* file, int line, const char* condition,
                            const std::string& operands) {
  std::string finding = "the invariant `" + std::string(condition) + "` does not hold";
  if (!operands.empty()) finding += " with " + operands;
  throw BrokenInvariant(std::string(file) + ":" + std::to_string(line), std::move(finding));
}

}  // namespace hhgrid::core::detail
