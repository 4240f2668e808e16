#pragma once

#include <functional>
#include <span>
#include <vector>

#include "actors/meter/judgement_as_of.hpp"
#include "actors/meter/meter.hpp"
#include "actors/meter/version_record.hpp"
#include "storage/store/store.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {

/// The half hours that a message carries, in place of those that were in `day`.
void take_meter_day(const storage::ConsumptionDay& message, MeterDay& day);

/// What is refused of each of a meter-day's versions, in order of their keys, as of a cut-off: the
/// last judgement that holds counts, else what was refused when it was taken.
std::vector<core::RefusedPeriods> refusals(std::span<const StoredVersion> versions,
                                           const AsOf& as_of = as_of_now);
/// What counts of a meter's UTC day (`arithmetic.md` 2): period by period the version with the
/// highest position of those that hold and are not refused. Versions in order of their keys.
MeterDay counting_day(std::span<const StoredVersion> versions, const AsOf& as_of = as_of_now);
/// The same with refusals that are known.
MeterDay counting_day(std::span<const StoredVersion> versions,
                      std::span<const core::RefusedPeriods> refused, const AsOf& as_of = as_of_now);

/// Appends the stored versions of a meter-day. Source: Store or Store::View.
template <class Source>
tl::expected<void, storage::Error> read_versions(const Source& source, core::UtcDay day,
                                                 core::Mpan mpan,
                                                 core::MeasurementQuantity quantity,
                                                 std::vector<StoredVersion>& out) {
  const std::string where = source.path().string();
  std::optional<storage::Error> failure;
  auto scanned =
      source.scan_prefix(storage::Family::consumption, version_prefix(day, mpan, quantity),
                         [&](std::string_view bytes, std::string_view value) {
                           auto key = read_version_key(bytes, where);
                           if (!key) return failure = key.error(), false;
                           auto version = read_version(*key, value, where);
                           if (!version) return failure = version.error(), false;
                           out.push_back(std::move(*version));
                           return true;
                         });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  return {};
}

/// What counts of one meter's UTC day as of a cut-off; reads its versions. Source: Store or
/// Store::View.
template <class Source>
tl::expected<MeterDay, storage::Error> read_counting_day(const Source& source, core::UtcDay day,
                                                         core::Mpan mpan,
                                                         core::MeasurementQuantity quantity,
                                                         const AsOf& as_of = as_of_now) {
  std::vector<StoredVersion> versions;
  if (auto read = read_versions(source, day, mpan, quantity, versions); !read)
    return tl::unexpected(read.error());
  return counting_day(versions, as_of);
}

/// Told of a meter-day with something that counts: the key of the last of the versions that hold
/// and that a message brought, and what counts.
using CountingVisit = std::function<void(const VersionKey& last, const MeterDay& values)>;

/// Lays the versions of a scan over each other, meter-day by meter-day. Takes records in key order.
class CountingScan {
 public:
  /// Told of a meter-day of which something is refused, before its CountingVisit: its versions,
  /// and what is refused of each.
  using RefusedVisit = std::function<void(std::span<const StoredVersion> versions,
                                          std::span<const core::RefusedPeriods> refused)>;

  /// Everything.
  CountingScan(std::string where, CountingVisit visit, RefusedVisit visit_refused = {})
      : where_(std::move(where)),
        visit_(std::move(visit)),
        visit_refused_(std::move(visit_refused)) {}
  /// As of a cut-off. `judgement` must outlive the scan.
  CountingScan(std::string where, const JudgementAsOf& judgement, CountingVisit visit)
      : where_(std::move(where)), judgement_(&judgement), visit_(std::move(visit)) {}

  /// Errors: damaged, naming path, key and cause; the record then counts as if it were not there.
  tl::expected<void, storage::Error> take(std::string_view key, std::string_view value);
  /// After the last record of the scan.
  void finish();

  std::uint64_t versions() const { return versions_; }      ///< Records taken.
  std::uint64_t meter_days() const { return meter_days_; }  ///< Visits made.

 private:
  void count_several();

  bool judged_again(const StoredVersion& version) const;

  std::string where_;
  const JudgementAsOf* judgement_ = nullptr;  // null: everything, as it is stored
  CountingVisit visit_;
  RefusedVisit visit_refused_;
  std::uint64_t versions_ = 0, meter_days_ = 0;
  std::vector<StoredVersion> held_;  // of the meter-day in hand, the first count_; memory is kept
  std::size_t count_ = 0;
};

/// Gives what counts on UTC days first..last, as of a cut-off, to `visit`, in key order:
/// one contiguous range, in which days without versions cost nothing. Returns how many meter-days
/// counted.
tl::expected<std::uint64_t, storage::Error> scan_counting_days(
    const storage::Store::View& view, const std::string& where, core::UtcDay first,
    core::UtcDay last, const JudgementAsOf& judgement, const CountingVisit& visit);

}  // namespace hhgrid::actors
