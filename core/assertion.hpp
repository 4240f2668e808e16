#pragma once

#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hhgrid::core {

/// Thrown when an invariant of the program does not hold: a defect, never bad input. The turn that
/// meets it is rolled back and its entry goes to the dead letters; nothing else may catch it and go
/// on.
class BrokenInvariant : public std::logic_error {
 public:
  /// `what()` tells where in the program, too.
  BrokenInvariant(const std::string& place, std::string finding)
      : std::logic_error(place + ": " + finding), finding_(std::move(finding)) {}
  /// The condition with its operands, the same wherever in the program it stands.
  const std::string& finding() const { return finding_; }

 private:
  std::string finding_;
};

namespace detail {

inline std::string operand_text(std::string_view operand) { return std::string(operand); }

template <class T>
requires std::is_arithmetic_v<T> std::string operand_text(T operand) {
  return std::to_string(operand);
}

[[noreturn]] void throw_broken_invariant(const char* file, int line, const char* condition,
                                         const std::string& operands);

template <class... Operands>
[[noreturn, gnu::cold, gnu::noinline]] void fail_assertion(const char* file, int line,
                                                           const char* condition,
                                                           const Operands&... operands) {
  std::string text;
  ((text.append(text.empty() ? "" : ", ").append(operand_text(operands))), ...);
  throw_broken_invariant(file, line, condition, text);
}

}  // namespace detail
}  // namespace hhgrid::core

/// Holds in release builds too: throws BrokenInvariant with the place, the condition and the
/// operands (numbers or texts) given after it.
#define HHGRID_ASSERT(condition, ...)                                                \
  do {                                                                               \
    if (!(condition)) [[unlikely]]                                                   \
      ::hhgrid::core::detail::fail_assertion(__FILE__, __LINE__,                     \
                                             #condition __VA_OPT__(, ) __VA_ARGS__); \
  } while (false)
