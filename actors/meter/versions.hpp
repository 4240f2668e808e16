#pragma once

#include <functional>
#include <map>

#include <absl/container/flat_hash_map.h>

#include "actors/meter/ledger.hpp"
#include "actors/meter/meter.hpp"
#include "actors/meter/presence.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {

/// Key of one version of a meter-day in Family::consumption: UTC day, meter, quantity, position.
struct VersionKey {
  core::UtcDay day;
  std::uint64_t mpan = 0;
  core::MeasurementQuantity quantity{};
  storage::Position position;
  friend auto operator<=>(const VersionKey&, const VersionKey&) = default;
};
inline constexpr std::size_t version_key_bytes = 21;
std::string version_key(const VersionKey& key);
void write_version_key(const VersionKey& key, char* out);
std::string version_prefix(core::UtcDay day, std::uint64_t mpan,
                           core::MeasurementQuantity quantity);
std::string version_day_prefix(core::UtcDay day);
/// Errors: damaged, naming the key.
tl::expected<VersionKey, storage::Error> read_version_key(std::string_view bytes,
                                                          const std::string& where);
/// One stored version, with its key held against its content. Errors: damaged, naming path, key and
/// cause.
tl::expected<storage::ConsumptionDay, storage::Error> read_version(const VersionKey& key,
                                                                   std::string_view bytes,
                                                                   const std::string& where);

/// Lays a version over what was there: it replaces only the periods that it carries
/// (`arithmetic.md` 2). Versions must be laid in order of position.
void overlay(MeterDay& under, const storage::ConsumptionDay& version);

/// What counts of one meter's UTC day as of a cut-off; reads its versions. Source: Store or
/// Store::View.
template <class Source>
tl::expected<MeterDay, storage::Error> counting_day(const Source& source, const std::string& where,
                                                    core::UtcDay day, std::uint64_t mpan,
                                                    core::MeasurementQuantity quantity,
                                                    const AsOf& as_of = {}) {
  MeterDay result;
  std::optional<storage::Error> failure;
  auto scanned =
      source.scan_prefix(storage::Family::consumption, version_prefix(day, mpan, quantity),
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

/// Adds (sign 1) or takes back (-1) the given periods of a meter-day in the rows of its settlement
/// days; `terms_on` tells the terms that govern a settlement day, or nothing when the meter is not
/// registered then. `on_row` gives the row to change.
using TermsOn = std::function<std::optional<TermsId>(core::SettlementDay)>;
using RowFor = std::function<LedgerRow*(core::SettlementDay, TermsId)>;
void account(const MeterDay& day, std::uint64_t periods, const std::vector<core::UtcDaySpan>& spans,
             const TermsOn& terms_on, const RowFor& row_for, int sign);

/// Told of a meter-day with something that counts: the key of the last of its versions that holds,
/// and what counts.
using CountingVisit = std::function<void(const VersionKey& last, const MeterDay& values)>;

/// Lays the versions of a scan over each other, meter-day by meter-day. Takes records in key order.
class CountingScan {
 public:
  /// `as_of` must outlive the scan.
  CountingScan(std::string where, const AsOf& as_of, CountingVisit visit)
      : where_(std::move(where)), as_of_(as_of), visit_(std::move(visit)) {}

  /// Errors: damaged, naming path, key and cause; the record then counts as if it were not there.
  tl::expected<void, storage::Error> take(std::string_view key, std::string_view value);
  /// After the last record of the scan.
  void finish();

  std::uint64_t versions() const { return versions_; }      ///< Records taken.
  std::uint64_t meter_days() const { return meter_days_; }  ///< Visits made.

 private:
  std::string where_;
  const AsOf& as_of_;
  CountingVisit visit_;
  std::uint64_t versions_ = 0, meter_days_ = 0;
  VersionKey last_;
  MeterDay counting_;
};

/// Gives the stored versions of UTC days first..last, as of a cut-off, to `visit`, in key order:
/// one contiguous range, in which days without versions cost nothing. Returns how many meter-days
/// counted.
tl::expected<std::uint64_t, storage::Error> scan_counting_days(const storage::Store::View& view,
                                                               const std::string& where,
                                                               core::UtcDay first,
                                                               core::UtcDay last, const AsOf& as_of,
                                                               const CountingVisit& visit);

/// Adds meter-days to ledger days made anew, UTC day by UTC day. Most meter-days are whole and on
/// the same terms throughout: those are added up by UTC day first, and moved to the rows of the
/// settlement days when the next day begins, or at `close`.
class LedgerBuilder {
 public:
  /// Both must outlive the builder. Rows hold what has been added only after `close`.
  LedgerBuilder(const core::SettlementCalendar& calendar,
                std::map<core::SettlementDay, LedgerDay>& ledger)
      : calendar_(calendar), ledger_(ledger) {}
  void add(const VersionKey& key, const MeterDay& values, const MeterState& meter,
           const AsOf& as_of = {});
  /// Ends the UTC day in hand; its ledger days may then be taken away.
  void close();

 private:
  static constexpr std::size_t quantities = 4;
  struct Span {
    core::UtcDaySpan at;
    LedgerDay* rows = nullptr;
    std::vector<LedgerRow*> by_key;  // by terms and quantity
  };
  struct WholeDay {
    std::array<core::WattHours, core::periods_per_utc_day> energy_wh{};
    std::uint32_t count = 0;  // meter-days: each has all periods
  };
  LedgerRow& row(Span& span, TermsId terms, core::MeasurementQuantity quantity);
  WholeDay& whole_day(TermsId terms, core::MeasurementQuantity quantity, core::QualityClass c);

  const core::SettlementCalendar& calendar_;
  std::map<core::SettlementDay, LedgerDay>& ledger_;
  core::UtcDay day_;
  std::vector<Span> spans_;                            // of day_; empty: no day in hand
  std::vector<std::unique_ptr<WholeDay>> whole_days_;  // by terms, quantity and quality class
  std::vector<std::size_t> used_;                      // those of the day in hand
};

/// The ledger made anew from stored versions, and which periods have a value: what audits compare
/// and what a run takes when its cut-off lies before the newest version.
struct Recomputed {
  std::map<core::SettlementDay, LedgerDay> ledger;
  std::map<Presence::Key, absl::flat_hash_map<std::uint64_t, std::uint64_t>> present;  ///< By MPAN.
  std::uint64_t meter_days = 0;
};
using MeterLookup = std::function<const MeterState*(std::uint64_t mpan)>;
/// Scans the UTC days given, as of a cut-off. One contiguous range a day. Versions of meters that
/// `meter` does not know count for nothing.
tl::expected<void, storage::Error> recompute(const storage::Store::View& view,
                                             const std::string& where,
                                             const std::vector<core::UtcDay>& days,
                                             const core::SettlementCalendar& calendar,
                                             const MeterLookup& meter, const AsOf& as_of,
                                             bool with_presence, Recomputed& out);

}  // namespace hhgrid::actors
