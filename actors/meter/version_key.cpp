#include "actors/meter/version_key.hpp"

#include <bit>
#include <cstring>

#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

using core::MeasurementQuantity;

std::size_t write_version_key(const VersionKey& key, char* out) {
  char* const begin = out;
  const auto put = [&](auto value) {
    for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8)
      *out++ = static_cast<char>(static_cast<std::uint64_t>(value) >> shift);
  };
  put(static_cast<std::uint32_t>(key.day.value) ^ 0x80000000u);
  put(key.mpan.number());
  put(static_cast<std::uint8_t>(key.quantity));
  put(key.position.number());
  if (key.n != 0) put(key.n);
  return static_cast<std::size_t>(out - begin);
}

std::string version_key(const VersionKey& key) {
  std::string out(version_key_bytes_max, '\0');
  out.resize(write_version_key(key, out.data()));
  return out;
}

std::string version_prefix(core::UtcDay day, core::Mpan mpan, MeasurementQuantity quantity) {
  return storage::KeyWriter()
      .day(day.value)
      .u64(mpan.number())
      .u8(static_cast<std::uint8_t>(quantity))
      .str();
}

std::string version_day_prefix(core::UtcDay day) {
  return storage::KeyWriter().day(day.value).str();
}

tl::expected<VersionKey, storage::Error> read_version_key(std::string_view bytes,
                                                          const std::string& where) {
  // By hand and not with KeyReader: an audit reads many millions of them.
  static_assert(std::endian::native == std::endian::little);
  const auto load = [&](std::size_t at) {
    std::uint64_t value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return __builtin_bswap64(value);
  };
  VersionKey key;
  const bool derived = bytes.size() == version_key_bytes_max;
  if (derived)
    key.n = static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes[21]) << 8 |
                                       static_cast<std::uint8_t>(bytes[22]));
  if (bytes.size() == version_key_bytes || (derived && key.n != 0)) {
    key.day.value =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(load(0) >> 32) ^ 0x80000000u);
    key.mpan = core::Mpan::unchecked(load(4));
    const auto quantity = static_cast<std::uint8_t>(bytes[12]);
    key.quantity = static_cast<MeasurementQuantity>(quantity);
    key.position = storage::Position::from_number(load(13));
    if (quantity <= static_cast<std::uint8_t>(MeasurementQuantity::reactive_export)) return key;
  }
  return tl::unexpected(storage::Error{
      storage::Errc::damaged,
      where + " consumption " + storage::printable_key(bytes) + ": is no key of a version"});
}

}  // namespace hhgrid::actors
