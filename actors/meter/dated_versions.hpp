#pragma once

#include <algorithm>
#include <cstdint>
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

/// How a message stands to the versions that the meter has under its key.
enum class Standing : std::uint8_t {
  counts,       ///< From now on.
  unchanged,    ///< It says what counts already, or what has been refused before.
  contradicts,  ///< Its own delivery has said something else (ECS1006).
};
/// `is_of_key`: whether a version has the message's key; `same`: whether one with it says the same.
template <class Versions, class IsOfKey, class Same>
Standing standing_to(const Versions& versions, const TurnContext& context, MeterPorts& ports,
                     IsOfKey&& is_of_key, Same&& same) {
  bool contradicts = false, repeats = false;
  for (const auto& version : versions)
    if (is_of_key(version) && ports.of_one_delivery(version.position, context.position))
      (same(version) ? repeats : contradicts) = true;
  if (contradicts) return repeats ? Standing::unchanged : Standing::contradicts;
  return holds_from(versions, context.received_at, ports, is_of_key, same) ? Standing::unchanged
                                                                           : Standing::counts;
}

/// Marks the versions of the message's delivery and key as contradicted by the version that comes
/// next. Returns how many are refused by it, itself counted.
template <class Versions, class IsOfKey>
std::uint32_t contradict_delivery(Versions& versions, const TurnContext& context, MeterPorts& ports,
                                  IsOfKey&& is_of_key) {
  using Place = decltype(versions.front().contradicted_by);
  std::uint32_t refused = 1;
  for (auto& version : versions) {
    if (version.is_contradicted() || !is_of_key(version) ||
        !ports.of_one_delivery(version.position, context.position))
      continue;
    version.contradicted_by = static_cast<Place>(versions.size() + 1);
    ++refused;
  }
  return refused;
}

}  // namespace hhgrid::actors
