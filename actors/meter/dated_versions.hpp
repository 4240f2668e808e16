#pragma once

#include <algorithm>
#include <set>

#include "actors/meter/ports.hpp"

namespace hhgrid::actors {

/// True when at every cut-off from `received` on the last of the versions that stand for the same
/// is the `same` already: then another one changes no run. Versions in journal order.
template <class Versions, class StandsFor, class Same>
bool holds_from(const Versions& versions, core::Instant received, MeterPorts& ports,
                StandsFor&& stands_for, Same&& same) {
  std::set<core::Instant> cutoffs{received};
  for (const auto& version : versions) {
    if (!stands_for(version)) continue;
    if (const auto at = ports.received_at(version.position); at > received) cutoffs.insert(at);
  }
  return std::all_of(cutoffs.begin(), cutoffs.end(), [&](core::Instant cutoff) {
    const auto last = std::find_if(versions.rbegin(), versions.rend(), [&](const auto& version) {
      return stands_for(version) && ports.received_at(version.position) <= cutoff;
    });
    return last != versions.rend() && same(*last);
  });
}

}  // namespace hhgrid::actors
