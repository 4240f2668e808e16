#pragma once

#include <algorithm>
#include <set>

#include "actors/meter/ports.hpp"

namespace hhgrid::actors {

/// True when at every cut-off from `received` on the last of the versions that stand for the same
/// is the `same` already: then another one changes no run. Versions in journal order; one that is
/// contradicted stands until what contradicts it was received.
template <class Versions, class IsOfKey, class Same>
bool holds_from(const Versions& versions, core::Instant received, MeterPorts& ports,
                IsOfKey&& is_of_key, Same&& same) {
  const auto contradicted_at = [&](const auto& version) {
    return ports.received_at(versions.at(version.contradicted_by - 1u).position);
  };
  std::set<core::Instant> cutoffs{received};
  const auto add = [&](core::Instant at) {
    if (at > received) cutoffs.insert(at);
  };
  for (const auto& version : versions) {
    if (!is_of_key(version)) continue;
    add(ports.received_at(version.position));
    if (version.is_contradicted()) add(contradicted_at(version));
  }
  return std::all_of(cutoffs.begin(), cutoffs.end(), [&](core::Instant cutoff) {
    const auto last = std::find_if(versions.rbegin(), versions.rend(), [&](const auto& version) {
      return is_of_key(version) && ports.received_at(version.position) <= cutoff &&
             !(version.is_contradicted() && contradicted_at(version) <= cutoff);
    });
    return last != versions.rend() && same(*last);
  });
}

}  // namespace hhgrid::actors
