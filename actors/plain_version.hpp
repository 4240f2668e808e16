#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "actors/versions.hpp"
#include "core/quality.hpp"

namespace hhgrid::actors {

/// Reads the most common form of a stored version straight from its bytes: all 48 periods, one
/// quality, no reasons, laid out as storage::encode_consumption lays it out. Scans of many millions
/// of versions take this way first.
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
