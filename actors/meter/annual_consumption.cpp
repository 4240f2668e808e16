#include "actors/meter/annual_consumption.hpp"

#include "actors/meter/dated_versions.hpp"

namespace hhgrid::actors {

void turn(const MeterState& meter, const storage::AnnualConsumption& message,
          const TurnContext& context, MeterPorts& ports, MeterEffects& effects) {
  const auto is_of_key = [&](const AnnualConsumptionVersion& v) {
    return v.from == message.effective_from.value;
  };
  const auto same = [&](const AnnualConsumptionVersion& v) {
    return v.energy_wh == message.energy_wh && v.quality == message.quality;
  };
  const RepeatSubject subject{
      RepeatSubject::Kind::annual_consumption, message.effective_from.value, message.mpan, {}};
  const Told told(meter.annual_consumption, subject, context, ports, is_of_key);
  const auto standing = told.standing(same);
  if (standing == Standing::said_before || standing == Standing::repeats_others)
    return told.leave_unchanged(standing, effects);
  MeterState& after = effects.state.emplace(meter);
  using Place = decltype(AnnualConsumptionVersion::contradicted_by);
  Place place = 0;
  if (standing == Standing::contradicts) {
    effects.answer = Answer::refused;
    after.annual_consumption = told.contradicted(effects);
    place = static_cast<Place>(after.annual_consumption.size() + 1);
  }
  after.annual_consumption.push_back(
      {message.effective_from.value, message.quality, place, message.energy_wh, context.position});
}

}  // namespace hhgrid::actors
