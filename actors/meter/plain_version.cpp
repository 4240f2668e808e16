#include "actors/meter/plain_version.hpp"

#include <cstring>
#include <span>

#include <xxhash.h>

#include "core/calendar.hpp"
#include "core/packing.hpp"
#include "storage/wire/entry_codec.hpp"
#include "storage/wire/schema/entry.capnp.h"

namespace hhgrid::actors {
namespace {

// Where the fields of schema::Entry stand (`capnp compile -ocapnp
// storage/wire/schema/entry.capnp`). Cap'n Proto never moves the fields of a schema that exists,
// and tests hold this against its own reader.
constexpr std::size_t word = 8;
constexpr std::size_t data_words = 3, pointers = 2;
constexpr std::size_t struct_at = word;
constexpr std::size_t version_at = struct_at, which_at = struct_at + 2, day_at = struct_at + 4,
                      mpan_at = struct_at + 8, present_low_at = struct_at + 16,
                      present_high_at = struct_at + 20, quality_at = struct_at + 22,
                      quantity_at = struct_at + 23;
constexpr std::size_t values_pointer_at = struct_at + data_words * word,
                      detail_pointer_at = values_pointer_at + word;
constexpr std::size_t values_at = detail_pointer_at + word;

/// A struct that stands right after its pointer.
constexpr std::uint64_t root_pointer = std::uint64_t{data_words} << 32 | std::uint64_t{pointers}
                                                                             << 48;
/// A list of bytes that stands one word (the other pointer) after its pointer; the count goes
/// above.
constexpr std::uint64_t bytes_pointer = 1 | 1 << 2 | std::uint64_t{2} << 32;
constexpr int count_shift = 35;

template <class T>
T load(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

constexpr std::size_t compact_quality_at = 1, compact_sum_at = 2, compact_values_at = 6;

/// The key's three parts have room beside each other: MPANs are below 2^44, days below 2^18.
std::uint32_t check_sum(const VersionKey& key, std::uint8_t quality, std::string_view values) {
  const std::uint64_t seed = key.mpan ^
                             std::uint64_t{static_cast<std::uint32_t>(key.day.value)} << 44 ^
                             static_cast<std::uint64_t>(key.quantity) << 62;
  return static_cast<std::uint32_t>(XXH3_64bits_withSeed(values.data(), values.size(), seed) +
                                    quality);
}

std::optional<core::Quality> unpack(
    std::uint8_t quality, std::string_view values,
    std::array<core::WattHours, core::periods_per_utc_day>& energy_wh) {
  const std::span packed(reinterpret_cast<const std::uint8_t*>(values.data()), values.size());
  if (quality >= core::quality_count || packed.empty() || packed[0] > storage::reading_width_max ||
      !core::unpack_values(packed, core::periods_per_utc_day, energy_wh.data()))
    return std::nullopt;
  return static_cast<core::Quality>(quality);
}

std::optional<core::Quality> read_compact_version(
    const VersionKey& key, std::string_view bytes,
    std::array<core::WattHours, core::periods_per_utc_day>& energy_wh) {
  if (bytes.size() <= compact_values_at || !core::SettlementCalendar::covers(key.day.value))
    return std::nullopt;
  const auto quality = load<std::uint8_t>(bytes, compact_quality_at);
  const auto values = bytes.substr(compact_values_at);
  if (load<std::uint32_t>(bytes, compact_sum_at) != check_sum(key, quality, values))
    return std::nullopt;
  return unpack(quality, values, energy_wh);
}

/// The quality and the packed values of a plain entry; nothing of every other one.
struct PlainEntry {
  std::uint8_t quality;
  std::string_view values;
};
std::optional<PlainEntry> plain_entry(std::string_view bytes) {
  if (bytes.size() < values_at || bytes.size() % word != 0) return std::nullopt;
  const auto values_pointer = load<std::uint64_t>(bytes, values_pointer_at);
  const std::size_t count = values_pointer >> count_shift;
  const auto quality = load<std::uint8_t>(bytes, quality_at);
  const bool plain = load<std::uint64_t>(bytes, 0) == root_pointer &&
                     load<std::uint64_t>(bytes, detail_pointer_at) == 0 &&
                     (values_pointer & ((std::uint64_t{1} << count_shift) - 1)) == bytes_pointer &&
                     count <= bytes.size() - values_at &&
                     load<std::uint16_t>(bytes, version_at) == schema::ENTRY_FORMAT &&
                     load<std::uint16_t>(bytes, which_at) == schema::Entry::CONSUMPTION &&
                     load<std::uint32_t>(bytes, present_low_at) == 0xffffffff &&
                     load<std::uint16_t>(bytes, present_high_at) == 0xffff &&
                     quality < core::quality_count;
  if (!plain) return std::nullopt;
  return PlainEntry{quality, bytes.substr(values_at, count)};
}

}  // namespace

std::size_t compact_version(const VersionKey& key, kj::ArrayPtr<const capnp::word> words,
                            char* out) {
  const auto plain = plain_entry(
      {reinterpret_cast<const char*>(words.begin()), words.size() * sizeof(capnp::word)});
  if (!plain) return 0;
  const auto sum = check_sum(key, plain->quality, plain->values);
  out[0] = compact_version_form;
  out[compact_quality_at] = static_cast<char>(plain->quality);
  std::memcpy(out + compact_sum_at, &sum, sizeof sum);
  std::memcpy(out + compact_values_at, plain->values.data(), plain->values.size());
  return compact_values_at + plain->values.size();
}

std::optional<core::Quality> read_plain_version(
    const VersionKey& key, std::string_view bytes,
    std::array<core::WattHours, core::periods_per_utc_day>& energy_wh) {
  if (is_compact_version(bytes)) return read_compact_version(key, bytes, energy_wh);
  const auto plain = plain_entry(bytes);
  if (!plain) return std::nullopt;
  const bool is_keys =
      load<std::uint64_t>(bytes, mpan_at) == key.mpan &&
      load<std::int32_t>(bytes, day_at) == key.day.value &&
      load<std::uint8_t>(bytes, quantity_at) == static_cast<std::uint8_t>(key.quantity) &&
      core::SettlementCalendar::covers(key.day.value);
  if (!is_keys) return std::nullopt;
  return unpack(plain->quality, plain->values, energy_wh);
}

std::optional<std::uint64_t> plain_version_mpan(kj::ArrayPtr<const capnp::word> words) {
  const std::string_view bytes(reinterpret_cast<const char*>(words.begin()),
                               words.size() * sizeof(capnp::word));
  if (bytes.size() < values_at || load<std::uint64_t>(bytes, 0) != root_pointer ||
      load<std::uint16_t>(bytes, which_at) != schema::Entry::CONSUMPTION)
    return std::nullopt;
  return load<std::uint64_t>(bytes, mpan_at);
}

}  // namespace hhgrid::actors
