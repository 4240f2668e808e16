#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/types.hpp"

namespace hhgrid::core {

/// Packs non-negative Wh of up to 50 periods: one byte of bit width w (0..40), then count x w bits,
/// least significant first, padded to a byte. 48 values of a household take about 67 bytes.
/// Returns the bytes written to `out`, which must hold packed_size_max. Values must be in [0, 2^40)
/// (asserted).
std::size_t pack_values(std::span<const WattHours> values, std::span<std::uint8_t> out);
inline constexpr int packed_count_max = settlement_periods_max;
inline constexpr int packed_width_max = 40;
inline constexpr std::size_t packed_size_max = 1 + packed_count_max * packed_width_max / 8;
inline constexpr WattHours packed_value_max = (WattHours{1} << packed_width_max) - 1;
/// How many bytes `count` values of bit width `width` take.
constexpr std::size_t packed_size(int count, int width) {
  return 1 + static_cast<std::size_t>(count * width + 7) / 8;
}

/// Unpacks exactly `count` values into `out`; false when the bytes are not what pack_values writes
/// for that count: the length is exactly 1 + ceil(count x w / 8), w is at most 40 and as narrow as
/// the values allow, the padding is zero. `out` then has undefined contents. Never reads outside
/// `bytes`.
bool unpack_values(std::span<const std::uint8_t> bytes, int count, WattHours* out);

}  // namespace hhgrid::core
