#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "actors/meter/version_key.hpp"
#include "core/packing.hpp"
#include "core/quality.hpp"

namespace hhgrid::actors {

// A version is plain when a message brought it that carries all 48 periods with one quality and no
// reasons, and none of them is refused: by far the most are. All but the quality and the packed
// values is in its key then, so a store keeps it in a form of its own:
//
//   byte 0       plain_version_form; every other version is a record, which begins with a 0
//   byte 1       core::Quality
//   bytes 2-5    check sum over day, MPAN, quantity, quality and values, little-endian
//   bytes 6..    core/packing of the 48 values
inline constexpr char plain_version_form = 1;
inline constexpr std::size_t plain_version_bytes_max = 6 + core::packed_size_max;

/// Writes a plain version to `out`, which must hold plain_version_bytes_max, and returns its bytes.
/// `packed`: core/packing of the 48 values.
std::size_t write_plain_version(const VersionKey& key, core::Quality quality,
                                std::span<const std::uint8_t> packed, char* out);

/// True of a version in the plain form, sound or damaged.
inline bool is_plain_version(std::string_view bytes) {
  return !bytes.empty() && bytes.front() == plain_version_form;
}

/// Gives the quality, and the energy in `energy_wh`. Nothing for every other form, for damaged
/// bytes and for those that are not their key's; `energy_wh` then has undefined contents. Never
/// reads outside `bytes`. Scans of many millions of versions take this way first.
std::optional<core::Quality> read_plain_version(
    const VersionKey& key, std::string_view bytes,
    std::array<core::WattHours, core::periods_per_utc_day>& energy_wh);

}  // namespace hhgrid::actors
