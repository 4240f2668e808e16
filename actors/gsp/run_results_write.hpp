#pragma once

#include <cstdint>
#include <vector>

#include "actors/gsp/group_volumes.hpp"
#include "actors/gsp/run_results.hpp"
#include "actors/host/market_effects.hpp"
#include "core/allocation/settle.hpp"

namespace hhgrid::actors {

/// The policy of a run's order and back. Reading throws TurnFailure for a value out of range.
void write_policy(const RunPolicy& policy, schema::RunRequest::Builder out);
RunPolicy read_policy(schema::RunRequest::Reader in);

// The records of Family::run that run_results.hpp reads.

/// The run's record and its places in the indexes.
void write_run(const RunInfo& run, MarketEffects& effects);
/// Sorts, drops repeats and stores in parts of at most about 64 kB; returns how many there are.
std::uint64_t write_exceptions(std::uint32_t run, std::vector<core::Exception> exceptions,
                               MarketEffects& effects);
/// Components and factors.
void write_settlement(std::uint32_t run, const core::GroupSettlement& settlement,
                      MarketEffects& effects);
void write_duos(std::uint32_t run, const std::vector<DuosVolume>& volumes, MarketEffects& effects);
/// `order`: the groupRun entry.
void write_group_run(const GroupRun& run, EntryBytes order, MarketEffects& effects);
void write_shapes(std::uint32_t run, const std::vector<GroupDayShape>& shapes,
                  MarketEffects& effects);

}  // namespace hhgrid::actors
