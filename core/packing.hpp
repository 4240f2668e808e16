#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/types.hpp"

namespace hhgrid::core {

/// Packs non-negative Wh of up to 48 periods: one byte of bit width w (0..40), then count x w bits,
/// least significant first, padded to a byte. 48 values of a household take about 67 bytes.
/// Returns the bytes written to `out`, which must hold packed_size_max. Values must be in [0, 2^40)
/// (asserted).
std::size_t pack_values(std::span<const WattHours> values, std::span<std::uint8_t> out);
inline constexpr std::size_t packed_size_max = 1 + 48 * 40 / 8;
inline constexpr WattHours packed_value_max = (WattHours{1} << 40) - 1;

/// Unpacks exactly `count` values into `out`; false when the bytes are not what pack_values writes
/// for that count: the length is exactly 1 + ceil(count x w / 8), w is at most 40 and as narrow as
/// the values allow, the padding is zero. `out` then has undefined contents. Never reads outside
/// `bytes`.
bool unpack_values(std::span<const std::uint8_t> bytes, int count, WattHours* out);

}  // namespace hhgrid::core
