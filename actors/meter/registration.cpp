#include "actors/meter/registration.hpp"

#include "actors/meter/dated_versions.hpp"
#include "actors/meter/day_effects.hpp"
#include "actors/meter/versions.hpp"

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

  /// `derived`: the key of the version that follows, should there be one; its n is free. `rules`:
  /// that it follows by.
  void move(const VersionKey& derived, core::RuleSet rules) {
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
    const MeterDay was = counting_day(versions, was_refused);
    before_.move(key_.quantity, was, was.present, -1, effects_);
    if (judgements.empty()) {
      after_.move(key_.quantity, was, was.present, 1, effects_);
      return;
    }
    const MeterDay now = counting_day(versions, is_refused);
    after_.move(key_.quantity, now, now.present, 1, effects_);
    const auto stored = ports_.masks(key_).stored();
    effects_.presence.push_back({key_, {now.present, stored & ~now.present}});
    add_judgements(derived, {DerivationRule::registration, rules, {derived.position}},
                   std::move(judgements), effects_);
  }

 private:
  /// By the limits that were in force when it was received, whenever that was.
  RefusedPeriods judge_again(const StoredVersion& version, const RefusedPeriods& was) {
    if (version.values.present == 0) return was;
    auto refused = judge(version.values, after_.periods(), ports_.maximum(version.key.position));
    refused.add(RefusalCode::contradicted, was.of(RefusalCode::contradicted));
    return refused;
  }

  const Presence::Key key_;
  const GovernedDay& before_;
  const GovernedDay& after_;
  MeterPorts& ports_;
  MeterEffects& effects_;
};

void move_days(const MeterState& before, const MeterState& after, const MeterRegistration& message,
               const TurnContext& context, MeterPorts& ports, MeterEffects& effects) {
  for (const auto& key : ports.days()) {
    const GovernedDay was(before, key.day, ports), is(after, key.day, ports);
    if (was.same_terms(is)) continue;
    // The message itself is no version of the day; what follows from it is the first.
    DayMove(key, was, is, ports, effects)
        .move({key.day, message.mpan, key.quantity, context.position, 1}, context.rules);
  }
}

}  // namespace

void turn(const MeterState& meter, const MeterRegistration& message, const TurnContext& context,
          MeterPorts& ports, MeterEffects& effects) {
  const auto& effective = message.effective;
  const auto is_of_key = [&](const RegistrationVersion& v) { return v.from == effective.from; };
  const auto same = [&](const RegistrationVersion& v) {
    return v.to == effective.to && v.terms == message.terms;
  };
  const RepeatSubject subject{
      RepeatSubject::Kind::registration, effective.from.value, message.mpan, {}};
  const Told told(meter.registrations, subject, context, ports, is_of_key);
  const auto standing = told.standing(same);
  if (standing == Standing::said_before || standing == Standing::repeats_others)
    return told.leave_unchanged(standing, effects);
  MeterState& after = effects.state.emplace(meter);
  std::uint32_t contradicted_by = 0;
  if (standing == Standing::contradicts) {
    effects.answer = Answer::refused;
    after.registrations = told.contradicted(effects);
    contradicted_by = static_cast<std::uint32_t>(after.registrations.size() + 1);
  }
  after.registrations.push_back(
      {effective.from, effective.to, message.terms, contradicted_by, context.position});
  move_days(meter, after, message, context, ports, effects);
  for (const auto& span : terms_spans(meter)) effects.population.push_back({span, -1});
  for (const auto& span : terms_spans(after)) effects.population.push_back({span, 1});
}

}  // namespace hhgrid::actors
