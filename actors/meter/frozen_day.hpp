#pragma once

#include <map>
#include <memory>

#include "actors/meter/arrivals.hpp"
#include "actors/meter/judgement_as_of.hpp"
#include "actors/meter/meter_partition.hpp"
#include "actors/meter/missing_meters.hpp"
#include "actors/meter/version_reader.hpp"

namespace hhgrid::actors {

/// What a partition's meters took on a settlement day as of a run's marker and cut-off, who is
/// registered, and what the run has to default or to say of meters.
struct FrozenDay {
  const LedgerDay* rows = nullptr;  ///< The running ledger's or `recomputed`.
  std::unique_ptr<LedgerDay> recomputed;
  std::map<TermsId, std::uint32_t> registered;
  RunFindings findings;
};

/// From the running ledger, less what was received after the cut-off (`later`) and with what
/// counted before it; from all stored versions when that is much. All give the same bits. Throws
/// StoreFailure.
FrozenDay freeze(MeterPartition& partition, core::SettlementDay day, const JudgementAsOf& judgement,
                 const LaterArrivals& later, VersionReader& versions);

/// What a run has to say of a meter that has values on the settlement day while no registration of
/// it covers the day (ECS1009), or while it is de-energised. Nothing of a meter without any
/// registration: `hhgrid export unregistered` lists those.
void add_exception(core::Mpan mpan, const MeterState& meter, core::SettlementDay day,
                   const TermsTable& terms, const AsOf& as_of,
                   std::vector<core::Exception>& exceptions);

}  // namespace hhgrid::actors
