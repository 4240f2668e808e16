#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/meter_day.hpp"

namespace hhgrid::core {

/// Why a half hour is refused: the market's codes of IF-021, in the order in which they are judged.
/// Of several faults of one half hour the first counts.
enum class RefusalCode : std::uint8_t {
  contradicted,   ///< ECS1006: one delivery says two different things of it.
  not_actual,     ///< ECS1008: an estimate for a meter that is de-energised.
  above_maximum,  ///< ECS1012: more than a connection of the type can take in half an hour.
};
inline constexpr int refusal_code_count = 3;

/// ECS1006, ECS1008, ECS1012.
std::string_view to_string(RefusalCode);
/// What it says of the half hour, as a sentence for the sender.
std::string_view sentence(RefusalCode);

/// The half hours of a meter-day that are refused, by code; each has one code.
struct RefusedPeriods {
  std::array<std::uint64_t, refusal_code_count> by_code{};

  std::uint64_t of(RefusalCode code) const { return by_code[static_cast<std::size_t>(code)]; }
  std::uint64_t all() const { return by_code[0] | by_code[1] | by_code[2]; }
  bool none() const { return all() == 0; }
  /// Refuses the periods too that no code before has refused; a code earlier in the order takes
  /// the period over.
  void add(RefusalCode code, std::uint64_t periods);
  friend bool operator==(const RefusedPeriods&, const RefusedPeriods&) = default;
};

}  // namespace hhgrid::core
