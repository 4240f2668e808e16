#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "actors/meter/meter.hpp"
#include "actors/meter/versions.hpp"
#include "actors/query/inspection.hpp"
#include "actors/query/inspection_reading.hpp"
#include "actors/query/inspection_standing.hpp"
#include "core/allocation/settle.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors::inspection {

/// A meter as it is seen at one moment: one view of its partition's store and one, taken before, of
/// the market's, so that whatever a run did is there to be explained.
struct MeterSight {
  MeterSight(const InspectionSource& source, core::Mpan meter);

  core::Mpan mpan;
  storage::PartitionId partition;
  const core::SettlementCalendar& calendar;
  View market, store;
  Provenance provenance;  ///< Of the meter partition's positions.
  StandingExtract standing;
  MeterState state;

  const core::Terms& terms(TermsId id);
  /// The store of a GSP Group's partition; null when it has taken nothing.
  const View* group(core::GspGroup gsp_group);

 private:
  storage::StoreSet stores_;
  std::map<core::GspGroup, std::unique_ptr<View>> groups_;
  std::map<TermsId, core::Terms> terms_;
};

/// What counts of a UTC day, and which version each period comes from.
struct CountingDay {
  MeterDay values;
  std::array<storage::Position, core::periods_per_utc_day> position{};
};
/// Lays versions, in order of their keys, as of a cut-off; what is refused does not count.
CountingDay count(const std::vector<StoredVersion>& versions,
                  const std::vector<core::RefusedPeriods>& refused, const AsOf& as_of = {});

/// The UTC days of a quantity on which the meter has values, by the presence records.
struct DataDays {
  core::UtcDay first, last;
  int days = 0, complete = 0;
};
/// One small record a day and quantity of the partition is read, and no version.
std::map<core::MeasurementQuantity, DataDays> data_days(const MeterSight& meter);
/// The registration version that governs a settlement day; null when none does.
const RegistrationVersion* governing_version(const MeterState& meter, core::SettlementDay day);
/// Terms in the words of `registrations.csv`.
void describe_terms(const core::Terms& terms, Json& out);

// -- the parts of the description -----------------------------------------------------------------

/// Everything; throws ReadFailure, Errc::foreign when the partition does not know the meter.
Json describe_meter(const InspectionSource& source, core::Mpan mpan,
                    std::optional<std::int32_t> day);
/// The UTC day: per quantity its versions, what counts, and what every run took.
Json describe_meter_day(MeterSight& meter, core::UtcDay day);
/// What the runs of the settlement days that share the UTC day used for the meter.
Json describe_meter_runs(MeterSight& meter, core::UtcDay day, core::MeasurementQuantity quantity,
                         const std::vector<StoredVersion>& versions);

}  // namespace hhgrid::actors::inspection
