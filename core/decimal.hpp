#pragma once

#include "core/types.hpp"

namespace hhgrid::core {

/// The one rounding function: numerator / denominator to the nearest integer, half away from zero.
/// `denominator` must not be zero (asserted).
Int128 round_half_away(Int128 numerator, Int128 denominator);

/// A decimal with at most `decimals` places (0 to 18) times 10^decimals: "1.5" with 3 is 1500.
/// Zeros beyond the places and no digit before the point change nothing: "0.5000" and ".5" with 3
/// are 500; with no places there is no point ("1.0" is refused). Errors name the text and what is
/// wrong (not a number, too many decimals, out of range).
Parsed<std::int64_t> parse_decimal(std::string_view text, int decimals);
/// The inverse, always with exactly `decimals` places: 1500 with 3 is "1.500"; -1 with 3 is
/// "-0.001".
std::string format_decimal(std::int64_t scaled, int decimals);
/// Appends to `out` without allocating a temporary.
void append_decimal(std::string& out, std::int64_t scaled, int decimals);

/// `YYYY-MM-DD`, years 0000 to 9999.
Parsed<std::int32_t> parse_day_number(std::string_view text);
/// The inverse; blank for `open_ended`, as files write it.
std::string format_day(std::int32_t day_number);
/// `YYYY-MM-DDTHH:MM:SSZ` (fractions of a second are refused).
Parsed<Instant> parse_instant(std::string_view text);
/// The inverse, fractions of a second cut off.
std::string format_instant(Instant instant);

inline Parsed<UtcDay> parse_utc_day(std::string_view text) {
  return parse_day_number(text).map([](std::int32_t n) { return UtcDay{n}; });
}
inline Parsed<SettlementDay> parse_settlement_day(std::string_view text) {
  return parse_day_number(text).map([](std::int32_t n) { return SettlementDay{n}; });
}

}  // namespace hhgrid::core
