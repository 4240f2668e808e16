#include "actors/meter/plain_version.hpp"

#include <cstring>

#include <xxhash.h>

#include "core/calendar.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {
namespace {

constexpr std::size_t quality_at = 1, sum_at = 2, values_at = 6;

/// The key's three parts have room beside each other: MPANs are below 2^44, days below 2^18.
std::uint32_t check_sum(const VersionKey& key, std::uint8_t quality, std::string_view values) {
  const std::uint64_t seed = key.mpan.number() ^
                             std::uint64_t{static_cast<std::uint32_t>(key.day.value)} << 44 ^
                             static_cast<std::uint64_t>(key.quantity) << 62;
  return static_cast<std::uint32_t>(XXH3_64bits_withSeed(values.data(), values.size(), seed) +
                                    quality);
}

}  // namespace

std::size_t write_plain_version(const VersionKey& key, core::Quality quality,
                                std::span<const std::uint8_t> packed, char* out) {
  const std::string_view values(reinterpret_cast<const char*>(packed.data()), packed.size());
  const auto number = static_cast<std::uint8_t>(quality);
  const auto sum = check_sum(key, number, values);
  out[0] = plain_version_form;
  out[quality_at] = static_cast<char>(number);
  std::memcpy(out + sum_at, &sum, sizeof sum);
  std::memcpy(out + values_at, values.data(), values.size());
  return values_at + values.size();
}

std::optional<core::Quality> read_plain_version(
    const VersionKey& key, std::string_view bytes,
    std::array<core::WattHours, core::periods_per_utc_day>& energy_wh) {
  if (!is_plain_version(bytes) || bytes.size() <= values_at || key.n != 0 ||
      !core::SettlementCalendar::covers(key.day.value))
    return std::nullopt;
  const auto quality = static_cast<std::uint8_t>(bytes[quality_at]);
  const auto values = bytes.substr(values_at);
  std::uint32_t sum;
  std::memcpy(&sum, bytes.data() + sum_at, sizeof sum);
  if (sum != check_sum(key, quality, values)) return std::nullopt;
  const std::span packed(reinterpret_cast<const std::uint8_t*>(values.data()), values.size());
  if (quality >= core::quality_count || packed[0] > storage::reading_width_max ||
      !core::unpack_values(packed, core::periods_per_utc_day, energy_wh.data()))
    return std::nullopt;
  return static_cast<core::Quality>(quality);
}

}  // namespace hhgrid::actors
