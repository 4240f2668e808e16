#include "actors/meter/day_move.hpp"

#include <array>
#include <optional>

#include "actors/meter/day_effects.hpp"
#include "actors/meter/versions.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors {

using core::RefusalCode;
using core::RefusedPeriods;

namespace {

/// Moves one UTC day and quantity of the meter from what governed it to what governs it now.
class DayMove {
 public:
  DayMove(const Presence::Key& key, const GovernedDay& before, const GovernedDay& after,
          MeterPorts& ports, MeterEffects& effects)
      : key_(key), before_(before), after_(after), ports_(ports), effects_(effects) {}

  /// `derived`: the key of the version that follows, should there be one; its n is free.
  /// `derivation`: of it.
  void move(const VersionKey& derived, const Derivation& derivation) {
    const auto versions = ports_.versions(key_);
    const auto was_refused = refusals(versions);
    auto is_refused = was_refused;
    std::vector<Judgement> judgements;
    for (std::size_t i = 0; i < versions.size(); ++i) {
      is_refused[i] = judge_again(versions[i], was_refused[i]);
      if (is_refused[i] == was_refused[i]) continue;
      judgements.push_back({versions[i].key.position, versions[i].key.n, is_refused[i]});
      effects_.change_refusal(versions[i].key, was_refused[i], is_refused[i]);
    }
    if (judgements.empty() && before_.has_terms_of(after_)) return;
    const MeterDay was = counting_day(versions, was_refused);
    before_.move(was, was.present, -1, effects_);
    if (judgements.empty()) {
      after_.move(was, was.present, 1, effects_);
      return;
    }
    const MeterDay now = counting_day(versions, is_refused);
    after_.move(now, now.present, 1, effects_);
    const auto stored = ports_.masks(key_).stored();
    effects_.presence.push_back({key_, {now.present, stored & ~now.present}});
    add_judgements(derived, derivation, std::move(judgements), effects_);
  }

 private:
  /// By the limits that were in force when it was received, whenever that was.
  RefusedPeriods judge_again(const StoredVersion& version, const RefusedPeriods& was) {
    if (version.values.present == 0) return was;
    auto refused = after_.judge(version.values, ports_.maximum(version.key.position));
    refused.add(RefusalCode::contradicted, was.of(RefusalCode::contradicted));
    return refused;
  }

  const Presence::Key key_;
  const GovernedDay& before_;
  const GovernedDay& after_;
  MeterPorts& ports_;
  MeterEffects& effects_;
};

}  // namespace

void move_days(const MeterState& before, core::Mpan mpan, DerivationRule rule,
               const TurnContext& context, MeterPorts& ports, MeterEffects& effects) {
  const MeterState& after = *effects.state;
  const Derivation derivation{rule, context.rules, {context.position}};
  std::array<std::optional<OwnLimits>, storage::quantity_count> limits_before, limits_after;
  const auto governed = [&](const MeterState& meter, auto& limits, const Presence::Key& key) {
    auto& of_quantity = limits[static_cast<std::size_t>(key.quantity)];
    if (!of_quantity) of_quantity.emplace(meter, key.quantity);
    return GovernedDay(meter, key, ports, of_quantity->of(key.day));
  };
  for (const auto& key : ports.days()) {
    const GovernedDay was = governed(before, limits_before, key),
                      is = governed(after, limits_after, key);
    if (was.is_like(is)) continue;
    // The message itself is no version of the day; what follows from it is the first.
    DayMove(key, was, is, ports, effects)
        .move({key.day, mpan, key.quantity, context.position, 1}, derivation);
  }
}

}  // namespace hhgrid::actors
