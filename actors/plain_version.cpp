#include "actors/plain_version.hpp"

#include <cstring>
#include <span>

#include "core/calendar.hpp"
#include "core/packing.hpp"
#include "storage/schema/entry.capnp.h"

namespace hhgrid::actors {
namespace {

// Where the fields of schema::Entry stand (`capnp compile -ocapnp storage/schema/entry.capnp`).
// Cap'n Proto never moves the fields of a schema that exists, and tests hold this against its own
// reader.
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

}  // namespace

std::optional<core::Quality> read_plain_version(
    const VersionKey& key, std::string_view bytes,
    std::array<core::WattHours, core::periods_per_utc_day>& energy_wh) {
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
  const bool is_keys =
      load<std::uint64_t>(bytes, mpan_at) == key.mpan &&
      load<std::int32_t>(bytes, day_at) == key.day.value &&
      load<std::uint8_t>(bytes, quantity_at) == static_cast<std::uint8_t>(key.quantity) &&
      core::SettlementCalendar::covers(key.day.value);
  if (!plain || !is_keys) return std::nullopt;
  const std::span values(reinterpret_cast<const std::uint8_t*>(bytes.data()) + values_at, count);
  if (!core::unpack_values(values, core::periods_per_utc_day, energy_wh.data()))
    return std::nullopt;
  return static_cast<core::Quality>(quality);
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
