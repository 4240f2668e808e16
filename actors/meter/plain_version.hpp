#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "actors/meter/versions.hpp"
#include "core/packing.hpp"
#include "core/quality.hpp"

namespace hhgrid::actors {

// A version is plain when it carries all 48 periods with one quality and no reasons, laid out as
// storage::encode_consumption lays it out: by far the most are. Of a plain version everything but
// the quality and the packed values is in its key or the same for all, so a store keeps it in a
// compact form, from which the entry as it came could be made again:
//
//   byte 0       compact_version_form; a Cap'n Proto entry begins with a multiple of 4
//   byte 1       core::Quality
//   bytes 2-5    check sum over day, MPAN, quantity, quality and values, little-endian
//   bytes 6..    core/packing of the 48 values
//
// Every other version is kept as the entry that it came as.
inline constexpr char compact_version_form = 1;
inline constexpr std::size_t compact_version_bytes_max = 6 + core::packed_size_max;

/// Writes the compact form of a version to `out`, which must hold compact_version_bytes_max, and
/// returns its bytes; 0 when the version is not plain. `words` must be an entry that has been
/// decoded and is the key's.
std::size_t compact_version(const VersionKey& key, kj::ArrayPtr<const capnp::word> words,
                            char* out);

/// True of a record in the compact form, sound or damaged.
inline bool is_compact_version(std::string_view bytes) {
  return !bytes.empty() && bytes.front() == compact_version_form;
}

/// Reads a plain version straight from its bytes, compact or as it came. Scans of many millions of
/// versions take this way first.
///
/// Gives the quality, and the energy in `energy_wh`. Nothing for every other form, also for damaged
/// ones and those that are not their key's: read_version then tells what it is; `energy_wh` has
/// undefined contents. Never reads outside `bytes`.
std::optional<core::Quality> read_plain_version(
    const VersionKey& key, std::string_view bytes,
    std::array<core::WattHours, core::periods_per_utc_day>& energy_wh);

/// The MPAN of a consumption entry in that form, read without checking anything else of it: a hint.
std::optional<std::uint64_t> plain_version_mpan(kj::ArrayPtr<const capnp::word> words);

}  // namespace hhgrid::actors
