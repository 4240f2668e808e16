#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "core/types.hpp"
#include "storage/wire/error.hpp"
#include "storage/wire/position.hpp"

namespace hhgrid::actors {

/// Key of one version of a meter-day in Family::consumption. One message can bring or cause many
/// versions: n is 0 for what it brought itself, 1, 2, ... for what followed from it; a 0 is not
/// written.
struct VersionKey {
  core::UtcDay day;
  core::Mpan mpan = core::Mpan::unchecked(0);
  core::MeasurementQuantity quantity{};
  storage::Position position;
  std::uint16_t n = 0;
  friend auto operator<=>(const VersionKey&, const VersionKey&) = default;

  /// Whether both are versions of one meter-day.
  bool same_meter_day(const VersionKey& other) const {
    return mpan == other.mpan && day == other.day && quantity == other.quantity;
  }
};
inline constexpr std::size_t version_key_bytes = 21, version_key_bytes_max = version_key_bytes + 2;

std::string version_key(const VersionKey& key);
/// Writes it to `out`, which must hold version_key_bytes_max, and returns its bytes.
std::size_t write_version_key(const VersionKey& key, char* out);
/// What the keys of a meter-day, of a UTC day begin with.
std::string version_prefix(core::UtcDay day, core::Mpan mpan, core::MeasurementQuantity quantity);
std::string version_day_prefix(core::UtcDay day);
/// Errors: damaged, naming the key.
tl::expected<VersionKey, storage::Error> read_version_key(std::string_view bytes,
                                                          const std::string& where);

}  // namespace hhgrid::actors
