#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <span>
#include <vector>

#include "actors/meter/effects.hpp"
#include "actors/meter/ports.hpp"
#include "core/assertion.hpp"

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

/// The entries that have repeated what is said under the message's key. Throws StoreFailure.
template <class Versions, class IsOfKey>
std::vector<Repeat> repeats_of(const Versions& versions, const RepeatSubject& subject,
                               RepeatsOf whom, MeterPorts& ports, IsOfKey&& is_of_key) {
  // Nothing is repeated that has not been said.
  if (std::none_of(versions.begin(), versions.end(), is_of_key)) return {};
  const auto repeats = ports.repeats(subject, whom);
  return {repeats.begin(), repeats.end()};
}

/// The versions, and in its place in journal order each of these repeats of one under the key.
/// Throws StoreFailure, and TurnFailure when they are too many to be told apart.
template <class Versions, class IsOfKey>
Versions with_repeats(const Versions& stored, const RepeatSubject& subject,
                      std::span<const Repeat> repeats, IsOfKey&& is_of_key) {
  using Place = decltype(stored.front().contradicted_by);
  Versions versions = stored;
  if (versions.size() + repeats.size() >= std::numeric_limits<Place>::max())
    throw TurnFailure("the meter has too many versions to refuse one");
  for (const Repeat& repeat : repeats) {
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

/// Of a subject that is no consumption.
constexpr ContradictedEntry::Kind kind_of(RepeatSubject::Kind subject) {
  switch (subject) {
    case RepeatSubject::Kind::registration:
      return ContradictedEntry::Kind::registration;
    case RepeatSubject::Kind::annual_consumption:
      return ContradictedEntry::Kind::annual_consumption;
    case RepeatSubject::Kind::meter_register:
      return ContradictedEntry::Kind::meter_register;
    case RepeatSubject::Kind::consumption:
      break;
  }
  HHGRID_ASSERT(subject != RepeatSubject::Kind::consumption, static_cast<int>(subject));
  return {};
}

/// What the meter has been told of a subject, and how a message stands to it. Whatever reads what
/// has been repeated throws StoreFailure.
template <class Versions, class IsOfKey>
class Told {
 public:
  /// `stored`: the meter's versions. All must outlive this.
  Told(const Versions& stored, const RepeatSubject& subject, const TurnContext& context,
       MeterPorts& ports, const IsOfKey& is_of_key)
      : stored_(stored),
        subject_(subject),
        context_(context),
        ports_(ports),
        is_of_key_(is_of_key),
        own_(repeats_of(stored, subject, RepeatsOf::delivery, ports, is_of_key)) {}

  template <class Same>
  Standing standing(Same&& same) const {
    return own_.empty() ? standing_to(stored_, context_, ports_, is_of_key_, same)
                        : standing_to(with_repeats(stored_, subject_, std::span(own_), is_of_key_),
                                      context_, ports_, is_of_key_, same);
  }

  /// The effects of a message that changes nothing.
  void leave_unchanged(Standing standing, MeterEffects& effects) const {
    effects.answer = Answer::unchanged;
    if (standing != Standing::repeats_others) return;
    // Where none has a delivery of which more may come, none can be contradicted.
    if (ports_.is_of_delivery(context_.position) ||
        std::any_of(stored_.begin(), stored_.end(), [&](const auto& version) {
          return is_of_key_(version) && ports_.is_of_delivery(version.position);
        }))
      effects.repeats.push_back({subject_, {context_.position, 0}});
  }

  /// The versions when the message contradicts its delivery, before it is one of them: those of its
  /// delivery and key are marked as contradicted by the version that comes next, and refused with
  /// it. What the delivery has repeated is refused too; when a version of it is refused, what
  /// others have repeated counts in place of that.
  Versions contradicted(MeterEffects& effects) const {
    const bool withdraws = std::any_of(stored_.begin(), stored_.end(), [&](const auto& version) {
      return is_of_key_(version) && !version.is_contradicted() && is_own(version.position);
    });
    const auto made =
        withdraws ? repeats_of(stored_, subject_, RepeatsOf::all, ports_, is_of_key_) : own_;
    for (const Repeat& repeat : made) effects.repeats_made_versions.push_back({subject_, repeat});
    Versions versions = with_repeats(stored_, subject_, std::span(made), is_of_key_);
    using Place = decltype(versions.front().contradicted_by);
    for (auto& version : versions) {
      if (version.is_contradicted() || !is_of_key_(version) || !is_own(version.position)) continue;
      version.contradicted_by = static_cast<Place>(versions.size() + 1);
      effects.contradicted.push_back(contradicted_entry(version.position));
    }
    effects.contradicted.push_back(contradicted_entry(context_.position));
    return versions;
  }

 private:
  ContradictedEntry contradicted_entry(storage::Position position) const {
    return {kind_of(subject_.kind),
            position,
            "meter/" + subject_.mpan.to_string(),
            subject_.day,
            0,
            subject_.fitted ? to_string(*subject_.fitted) : std::string()};
  }
  bool is_own(storage::Position position) const {
    return ports_.of_one_delivery(position, context_.position);
  }

  const Versions& stored_;
  const RepeatSubject subject_;
  const TurnContext& context_;
  MeterPorts& ports_;
  const IsOfKey& is_of_key_;
  const std::vector<Repeat> own_;  // of the message's delivery
};

}  // namespace hhgrid::actors
