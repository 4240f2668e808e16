#include "actors/versions.hpp"

#include <bit>

#include <fmt/format.h>

#include "storage/key.hpp"
#include "storage/record.hpp"

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
  put(key.position);
}

std::string version_key(const VersionKey& key) {
  std::string out(version_key_bytes, '\0');
  write_version_key(key, out.data());
  return out;
}

std::string version_prefix(core::UtcDay day, std::uint64_t mpan, MeasurementQuantity quantity) {
  return storage::KeyWriter().day(day.value).u64(mpan).u8(static_cast<std::uint8_t>(quantity)).str();
}

std::string version_day_prefix(core::UtcDay day) { return storage::KeyWriter().day(day.value).str(); }

tl::expected<VersionKey, Error> read_version_key(std::string_view bytes, const std::string& where) {
  storage::KeyReader reader(bytes);
  VersionKey key;
  key.day.value = reader.day();
  key.mpan = reader.u64();
  const auto quantity = reader.u8();
  key.quantity = static_cast<MeasurementQuantity>(quantity);
  key.position = reader.u64();
  if (!reader.complete() || quantity > static_cast<std::uint8_t>(MeasurementQuantity::reactive_export))
    return tl::unexpected(
        Error{Errc::damaged, where + " consumption " + storage::printable_key(bytes) + ": is no key of a version"});
  return key;
}

tl::expected<storage::ConsumptionDay, Error> read_version(const VersionKey& key, std::string_view bytes,
                                                          const std::string& where) {
  const storage::AlignedWords words(
      kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
  auto version = storage::decode_consumption(words.words());
  const auto place = [&] {
    return where + " consumption " + storage::printable_key(version_key(key));
  };
  if (!version) return tl::unexpected(Error{version.error().code, place() + ": " + version.error().text});
  if (version->mpan.number() != key.mpan || version->day != key.day || version->quantity != key.quantity)
    return tl::unexpected(Error{Errc::damaged, fmt::format("{}: holds meter {} day {}, which is not its key's", place(),
                                                           version->mpan.to_string(), version->day.value)});
  return version;
}

void overlay(MeterDay& under, const storage::ConsumptionDay& version) {
  if (version.present == all_periods_mask && !version.detail) {
    under.energy_wh = version.energy_wh;
    under.quality.fill(version.quality);
  } else {
    for (std::uint64_t rest = version.present; rest != 0; rest &= rest - 1) {
      const int i = std::countr_zero(rest);
      under.energy_wh[static_cast<std::size_t>(i)] = version.energy_wh[static_cast<std::size_t>(i)];
      under.quality[static_cast<std::size_t>(i)] = version.quality_of(i + 1);
    }
  }
  under.present |= version.present;
}

namespace {

/// The quality class of all 48 periods when it is the same; the common case takes whole rows at a time.
std::optional<core::QualityClass> uniform_class(const MeterDay& day) {
  const auto first = core::quality_class(day.quality[0]);
  for (const auto quality : day.quality)
    if (quality != day.quality[0] && core::quality_class(quality) != first) return std::nullopt;
  return first;
}

}  // namespace

void account(const MeterDay& day, std::uint64_t periods, const std::vector<core::UtcDaySpan>& spans, const TermsOn& terms_on,
             const RowFor& row_for, int sign) {
  const auto uniform = periods == all_periods_mask ? uniform_class(day) : std::nullopt;
  for (const auto& span : spans) {
    const auto terms = terms_on(span.day);
    if (!terms) continue;
    LedgerRow* row = row_for(span.day, *terms);
    if (row == nullptr) continue;
    const PeriodRange range{span.first_utc_period, span.first_settlement_period, span.count};
    if (uniform) {
      add_values(row->of(*uniform), day.energy_wh.data(), range, sign);
      continue;
    }
    for (int i = 0; i < span.count; ++i) {
      const auto utc = static_cast<std::size_t>(span.first_utc_period - 1 + i);
      if ((periods >> utc & 1) == 0) continue;
      add_value(row->of(core::quality_class(day.quality[utc])), day.energy_wh[utc], span.first_settlement_period + i, sign);
    }
  }
}

tl::expected<void, Error> recompute(const storage::Store::View& view, const std::string& where,
                                    const std::vector<core::UtcDay>& days, const core::SettlementCalendar& calendar,
                                    const MeterLookup& meter, const AsOf& as_of, bool with_presence, Recomputed& out) {
  for (const auto utc_day : days) {
    const auto spans = calendar.spans_of(utc_day);
    std::optional<Error> failure;
    VersionKey current;
    MeterDay counting;
    const auto finish = [&] {
      if (counting.present == 0) return;
      ++out.meter_days;
      const MeterState* state = meter(current.mpan);
      if (state != nullptr)
        account(
            counting, counting.present, spans,
            [&](core::SettlementDay day) { return governing_terms(*state, day, as_of); },
            [&](core::SettlementDay day, TermsId terms) { return &out.ledger[day].row(terms, current.quantity); }, 1);
      if (with_presence) out.present[{utc_day, current.quantity}][current.mpan] = counting.present;
      counting.present = 0;
    };
    auto scanned = view.scan_prefix(Family::consumption, version_day_prefix(utc_day),
                                    [&](std::string_view bytes, std::string_view value) {
                                      auto key = read_version_key(bytes, where);
                                      if (!key) return failure = key.error(), false;
                                      if (key->mpan != current.mpan || key->quantity != current.quantity) finish();
                                      current = *key;
                                      if (!as_of.holds(key->position)) return true;
                                      auto version = read_version(*key, value, where);
                                      if (!version) return failure = version.error(), false;
                                      overlay(counting, *version);
                                      return true;
                                    });
    if (!scanned) return scanned;
    if (failure) return tl::unexpected(*failure);
    finish();
  }
  return {};
}

}  // namespace hhgrid::actors
