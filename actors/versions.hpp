#pragma once

#include <functional>
#include <map>

#include <absl/container/flat_hash_map.h>

#include "actors/ledger.hpp"
#include "actors/meter.hpp"
#include "actors/presence.hpp"
#include "storage/entry_codec.hpp"

namespace hhgrid::actors {

/// Key of one version of a meter-day in Family::consumption: UTC day, meter, quantity, position.
struct VersionKey {
  core::UtcDay day;
  std::uint64_t mpan = 0;
  core::MeasurementQuantity quantity{};
  storage::Position position = 0;
  friend auto operator<=>(const VersionKey&, const VersionKey&) = default;
};
inline constexpr std::size_t version_key_bytes = 21;
std::string version_key(const VersionKey& key);
void write_version_key(const VersionKey& key, char* out);
std::string version_prefix(core::UtcDay day, std::uint64_t mpan, core::MeasurementQuantity quantity);
std::string version_day_prefix(core::UtcDay day);
/// Errors: damaged, naming the key.
tl::expected<VersionKey, storage::Error> read_version_key(std::string_view bytes, const std::string& where);
/// One stored version, with its key held against its content. Errors: damaged, naming path, key and cause.
tl::expected<storage::ConsumptionDay, storage::Error> read_version(const VersionKey& key, std::string_view bytes,
                                                                   const std::string& where);

/// Lays a version over what was there: it replaces only the periods that it carries (`arithmetic.md` 2). Versions must be
/// laid in order of position.
void overlay(MeterDay& under, const storage::ConsumptionDay& version);

/// What counts of one meter's UTC day as of a cut-off; reads its versions. Source: Store or Store::View.
template <class Source>
tl::expected<MeterDay, storage::Error> counting_day(const Source& source, const std::string& where, core::UtcDay day,
                                                    std::uint64_t mpan, core::MeasurementQuantity quantity,
                                                    const AsOf& as_of = {}) {
  MeterDay result;
  std::optional<storage::Error> failure;
  auto scanned = source.scan_prefix(storage::Family::consumption, version_prefix(day, mpan, quantity),
                                    [&](std::string_view bytes, std::string_view value) {
                                      auto key = read_version_key(bytes, where);
                                      if (!key) return failure = key.error(), false;
                                      if (!as_of.holds(key->position)) return true;
                                      auto version = read_version(*key, value, where);
                                      if (!version) return failure = version.error(), false;
                                      overlay(result, *version);
                                      return true;
                                    });
  if (!scanned) return tl::unexpected(scanned.error());
  if (failure) return tl::unexpected(*failure);
  return result;
}

/// Adds (sign 1) or takes back (-1) the given periods of a meter-day in the rows of its settlement days; `terms_on` tells the
/// terms that govern a settlement day, or nothing when the meter is not registered then. `on_row` gives the row to change.
using TermsOn = std::function<std::optional<TermsId>(core::SettlementDay)>;
using RowFor = std::function<LedgerRow*(core::SettlementDay, TermsId)>;
void account(const MeterDay& day, std::uint64_t periods, const std::vector<core::UtcDaySpan>& spans, const TermsOn& terms_on,
             const RowFor& row_for, int sign);

/// The ledger made anew from stored versions, and which periods have a value: what audits compare and what a run takes when
/// its cut-off lies before the newest version.
struct Recomputed {
  std::map<core::SettlementDay, LedgerDay> ledger;
  std::map<Presence::Key, absl::flat_hash_map<std::uint64_t, std::uint64_t>> present;  ///< By MPAN.
  std::uint64_t meter_days = 0;
};
using MeterLookup = std::function<const MeterState*(std::uint64_t mpan)>;
/// Scans the UTC days given, as of a cut-off. One contiguous range a day.
tl::expected<void, storage::Error> recompute(const storage::Store::View& view, const std::string& where,
                                             const std::vector<core::UtcDay>& days, const core::SettlementCalendar& calendar,
                                             const MeterLookup& meter, const AsOf& as_of, bool with_presence, Recomputed& out);

}  // namespace hhgrid::actors
