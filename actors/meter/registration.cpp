#include "actors/meter/registration.hpp"

#include "actors/meter/dated_versions.hpp"
#include "actors/meter/day_move.hpp"

namespace hhgrid::actors {

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
  move_days(meter, message.mpan, DerivationRule::registration, context, ports, effects);
  for (const auto& span : terms_spans(meter)) effects.population.push_back({span, -1});
  for (const auto& span : terms_spans(after)) effects.population.push_back({span, 1});
}

}  // namespace hhgrid::actors
