#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <roaring/roaring64map.hh>

#include "actors/meter/meter.hpp"
#include "actors/meter/terms_table.hpp"
#include "actors/verify/check_arrivals.hpp"
#include "actors/verify/check_partition.hpp"

namespace hhgrid::actors {

/// A meter partition's meters as stored, those whose records hold.
struct CheckedMeters {
  TermsTable terms;
  bool terms_known = false;  ///< False: no check that needs terms can be made.
  absl::flat_hash_map<core::Mpan, MeterState> by_mpan;
  std::set<core::UtcDay> refused_days;  ///< Days that a refusal is kept of.
  ArrivedMeters arrived;
  Roaring64Map positions;  ///< Journal positions whose effect is known; each has one effect.
};

/// Terms and meters against one another and the meta record.
CheckedMeters check_meters(Check& check, const MetaFacts& meta,
                           const std::optional<ReceivedTimes>& received, Fold::Identity identity);
/// Who is registered when, against the registrations.
void check_population(Check& check, const CheckedMeters& meters);
/// Everything that only a meter partition keeps.
void check_meter_partition(Check& check, const MetaFacts& meta,
                           const std::optional<ReceivedTimes>& received, Fold::Identity identity,
                           const core::SettlementCalendar& calendar);

}  // namespace hhgrid::actors
