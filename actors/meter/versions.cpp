#include "actors/meter/versions.hpp"

#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "actors/meter/plain_version.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/field_checker.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

using core::MeasurementQuantity;
using storage::Errc;
using storage::Error;
using storage::Family;

void write_version_key(const VersionKey& key, char* out) {
  const auto put = [&](auto value) {
    for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8)
      *out++ = static_cast<char>(static_cast<std::uint64_t>(value) >> shift);
  };
  put(static_cast<std::uint32_t>(key.day.value) ^ 0x80000000u);
  put(key.mpan);
  put(static_cast<std::uint8_t>(key.quantity));
  put(key.position.number());
}

std::string version_key(const VersionKey& key) {
  std::string out(version_key_bytes, '\0');
  write_version_key(key, out.data());
  return out;
}

std::string version_prefix(core::UtcDay day, std::uint64_t mpan, MeasurementQuantity quantity) {
  return storage::KeyWriter()
      .day(day.value)
      .u64(mpan)
      .u8(static_cast<std::uint8_t>(quantity))
      .str();
}

std::string version_day_prefix(core::UtcDay day) {
  return storage::KeyWriter().day(day.value).str();
}

tl::expected<VersionKey, Error> read_version_key(std::string_view bytes, const std::string& where) {
  // By hand and not with KeyReader: an audit reads many millions of them.
  static_assert(std::endian::native == std::endian::little);
  const auto load = [&](std::size_t at) {
    std::uint64_t value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return __builtin_bswap64(value);
  };
  if (bytes.size() == version_key_bytes) {
    VersionKey key;
    key.day.value =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(load(0) >> 32) ^ 0x80000000u);
    key.mpan = load(4);
    const auto quantity = static_cast<std::uint8_t>(bytes[12]);
    key.quantity = static_cast<MeasurementQuantity>(quantity);
    key.position = storage::Position::from_number(load(13));
    if (quantity <= static_cast<std::uint8_t>(MeasurementQuantity::reactive_export)) return key;
  }
  return tl::unexpected(
      Error{Errc::damaged,
            where + " consumption " + storage::printable_key(bytes) + ": is no key of a version"});
}

namespace {

/// Everything but quality and values of a compact version is its key's, which is checked here.
tl::expected<storage::ConsumptionDay, Error> read_compact(const VersionKey& key,
                                                          std::string_view bytes) {
  storage::FieldChecker check("consumption key");
  storage::ConsumptionDay version(check.mpan("mpan", key.mpan));
  if (!check.ok()) return tl::unexpected(check.error());
  const auto quality = read_plain_version(key, bytes, version.energy_wh);
  if (!quality)
    return tl::unexpected(Error{Errc::damaged, "the check sum, a value or the key does not hold"});
  version.day = key.day;
  version.quantity = key.quantity;
  version.present = all_periods_mask;
  version.quality = *quality;
  return version;
}

}  // namespace

tl::expected<storage::ConsumptionDay, Error> read_version(const VersionKey& key,
                                                          std::string_view bytes,
                                                          const std::string& where) {
  const auto place = [&] {
    return where + " consumption " + storage::printable_key(version_key(key));
  };
  if (is_compact_version(bytes)) {
    auto version = read_compact(key, bytes);
    if (!version) version.error().text.insert(0, place() + ": ");
    return version;
  }
  const storage::AlignedWords words(
      kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
  auto version = storage::decode_consumption(words.words());
  if (!version)
    return tl::unexpected(Error{version.error().code, place() + ": " + version.error().text});
  if (version->mpan.number() != key.mpan || version->day != key.day ||
      version->quantity != key.quantity)
    return tl::unexpected(
        Error{Errc::damaged, fmt::format("{}: holds meter {} day {}, which is not its key's",
                                         place(), version->mpan.to_string(), version->day.value)});
  return version;
}

namespace {

void overlay_reasons(MeterDay& under, const storage::PeriodDetail& detail, std::size_t i) {
  if (detail.estimation_reasons[i] == 0 && detail.amendment_reasons[i] == 0) return;
  under.reasoned |= std::uint64_t{1} << i;
  under.estimation_reason[i] = detail.estimation_reasons[i];
  under.amendment_reason[i] = detail.amendment_reasons[i];
}

}  // namespace

void overlay(MeterDay& under, const storage::ConsumptionDay& version) {
  if (version.present == all_periods_mask && !version.detail) {
    under.energy_wh = version.energy_wh;
    under.quality.fill(version.quality);
    under.reasoned = 0;
  } else {
    under.reasoned &= ~version.present;
    for (std::uint64_t rest = version.present; rest != 0; rest &= rest - 1) {
      const int i = std::countr_zero(rest);
      under.energy_wh[static_cast<std::size_t>(i)] = version.energy_wh[static_cast<std::size_t>(i)];
      under.quality[static_cast<std::size_t>(i)] = version.quality_of(i + 1);
      if (version.detail) overlay_reasons(under, *version.detail, static_cast<std::size_t>(i));
    }
  }
  under.present |= version.present;
}

// -- scanning -----------------------------------------------------------------------------------

tl::expected<void, Error> CountingScan::take(std::string_view bytes, std::string_view value) {
  ++versions_;
  const auto key = read_version_key(bytes, where_);
  if (!key) return tl::unexpected(key.error());
  if (key->mpan != last_.mpan || key->day != last_.day || key->quantity != last_.quantity) finish();
  if (!as_of_.holds(key->position)) return {};
  // A damaged version must not change what counts already, so only the first of a meter-day is
  // unpacked in its place.
  std::array<core::WattHours, core::periods_per_utc_day> other;
  auto& energy_wh = counting_.present == 0 ? counting_.energy_wh : other;
  if (const auto quality = read_plain_version(*key, value, energy_wh)) {
    if (&energy_wh == &other) counting_.energy_wh = other;
    counting_.quality.fill(*quality);
    counting_.reasoned = 0;
    counting_.present = all_periods_mask;
  } else {
    const auto version = read_version(*key, value, where_);
    if (!version) return tl::unexpected(version.error());
    overlay(counting_, *version);
  }
  last_ = *key;
  return {};
}

void CountingScan::finish() {
  if (counting_.present == 0) return;
  ++meter_days_;
  visit_(last_, counting_);
  counting_.present = 0;
}

tl::expected<std::uint64_t, Error> scan_counting_days(const storage::Store::View& view,
                                                      const std::string& where, core::UtcDay first,
                                                      core::UtcDay last, const AsOf& as_of,
                                                      const CountingVisit& visit) {
  CountingScan scan(where, as_of, visit);
  tl::expected<void, Error> taken;
  const auto scanned = view.scan(
      Family::consumption, version_day_prefix(first), version_day_prefix(last + 1),
      [&](std::string_view key, std::string_view value) {
        taken = scan.take(key, value);
        return taken.has_value();
      },
      storage::Store::Caching::pass);
  if (!scanned) return tl::unexpected(scanned.error());
  if (!taken) return tl::unexpected(taken.error());
  scan.finish();
  return scan.meter_days();
}

}  // namespace hhgrid::actors
