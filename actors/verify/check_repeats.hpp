#pragma once

#include <optional>
#include <set>
#include <string_view>

#include "actors/host/repeat.hpp"
#include "actors/verify/check_meters.hpp"
#include "actors/verify/check_partition.hpp"

namespace hhgrid::actors {

/// What a meter has been told again: throws when the record is none of a repeat, or when what it
/// repeats is not there. `meters`: all of the partition.
void check_meter_repeat(const Check& check, std::string_view key, std::string_view value,
                        const MetaFacts& meta, const std::optional<ReceivedTimes>& received,
                        CheckedMeters& meters);
/// The same of a row of standing data. `positions`: those with another effect, to which its own is
/// added.
void check_standing_repeat(const Check& check, std::string_view key, std::string_view value,
                           const MetaFacts& meta, const std::optional<ReceivedTimes>& received,
                           std::set<storage::Position>& positions);

}  // namespace hhgrid::actors
