#pragma once

#include <cstdint>
#include <vector>

#include "actors/gsp/gsp_group.hpp"
#include "actors/gsp/run_results.hpp"
#include "actors/host/market_effects.hpp"
#include "core/allocation/settle.hpp"

namespace hhgrid::actors {

/// The policy of a run's order and back. Reading throws TurnFailure for a value out of range.
void write_policy(const RunPolicy& policy, schema::RunRequest::Builder out);
RunPolicy read_policy(schema::RunRequest::Reader in);

// The records of Family::run that run_results.hpp reads.

void write_run(const RunInfo& run, MarketEffects& effects);
void write_settlement(std::uint32_t run, const core::GroupSettlement& settlement,
                      MarketEffects& effects);
void write_duos(std::uint32_t run, const std::vector<DuosVolume>& volumes, MarketEffects& effects);
void write_shapes(std::uint32_t run, const std::vector<GroupDayShape>& shapes,
                  MarketEffects& effects);

}  // namespace hhgrid::actors
