#pragma once

#include <map>
#include <memory>

#include "actors/meter/meter.hpp"
#include "actors/query/inspection.hpp"
#include "actors/query/inspection_reading.hpp"
#include "actors/query/inspection_standing.hpp"
#include "core/types.hpp"

namespace hhgrid::actors::inspection {

/// A meter as it is seen at one moment: one view of its partition's store and one, taken before, of
/// the market's, so that whatever a run did is there to be explained.
struct InspectedMeter {
  InspectedMeter(const InspectionSource& source, core::Mpan meter);

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

/// Terms in the words of `registrations.csv`.
void describe_terms(const core::Terms& terms, Json& out);

}  // namespace hhgrid::actors::inspection
