#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <span>

#include "actors/meter/effects.hpp"
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

/// The meter's versions, and in its place in journal order each entry that has repeated one of
/// those under the message's key. Throws StoreFailure.
template <class Versions, class IsOfKey>
Versions with_repeats(const Versions& stored, const RepeatSubject& subject, MeterPorts& ports,
                      IsOfKey&& is_of_key) {
  Versions versions = stored;
  // Nothing is repeated that has not been said.
  if (std::none_of(versions.begin(), versions.end(), is_of_key)) return versions;
  for (const Repeat& repeat : ports.repeats(subject)) {
    const auto after = std::find_if(versions.begin(), versions.end(), [&](const auto& version) {
      return version.position > repeat.position;
    });
    const auto said =
        std::find_if(std::make_reverse_iterator(after), versions.rend(), [&](const auto& version) {
          return is_of_key(version) &&
                 (!version.is_contradicted() ||
                  versions.at(version.contradicted_by - 1u).position > repeat.position);
        });
    if (said == versions.rend()) throw_repeat_of_nothing(subject, repeat);
    auto repeated = *said;
    repeated.position = repeat.position;
    repeated.contradicted_by = 0;
    // They count the versions from 1 on, and this one comes before some.
    const auto place = after - versions.begin();
    for (auto& version : versions)
      if (static_cast<std::ptrdiff_t>(version.contradicted_by) > place) ++version.contradicted_by;
    versions.insert(versions.begin() + place, repeated);
  }
  return versions;
}

/// How a message stands to what the meter has been told under its key.
enum class Standing : std::uint8_t {
  counts,          ///< From now on.
  said_before,     ///< Its delivery has said it already.
  repeats_others,  ///< It says what counts already.
  contradicts,     ///< Its own delivery has said something else (ECS1006).
};
/// `is_of_key`: whether a version has the message's key; `same`: whether one with it says the same.
template <class Versions, class IsOfKey, class Same>
Standing standing_to(const Versions& versions, const TurnContext& context, MeterPorts& ports,
                     IsOfKey&& is_of_key, Same&& same) {
  bool contradicts = false, said_before = false;
  for (const auto& version : versions)
    if (is_of_key(version) && ports.of_one_delivery(version.position, context.position))
      (same(version) ? said_before : contradicts) = true;
  if (contradicts) return said_before ? Standing::said_before : Standing::contradicts;
  if (!holds_from(versions, context.received_at, ports, is_of_key, same)) return Standing::counts;
  return said_before ? Standing::said_before : Standing::repeats_others;
}

/// The effects of a message that changes nothing.
inline void leave_unchanged(Standing standing, const RepeatSubject& subject,
                            const TurnContext& context, MeterPorts& ports, MeterEffects& effects) {
  effects.answer = Answer::unchanged;
  if (standing == Standing::repeats_others && ports.in_delivery())
    effects.repeats.push_back({subject, {context.position, 0}});
}

/// What has been repeated of the subject stands among the versions from now on.
inline void make_versions(const RepeatSubject& subject, MeterPorts& ports, MeterEffects& effects) {
  for (const Repeat& repeat : ports.repeats(subject))
    effects.repeats.push_back({subject, repeat, true});
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
