#include "actors/meter/annual_consumption.hpp"

#include <limits>

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
  const RepeatSubject subject{RepeatSubject::Kind::annual_consumption,
                              message.effective_from.value,
                              message.mpan.number(),
                              {}};
  auto known = with_repeats(meter.annual_consumption, subject, ports, is_of_key);
  const auto standing = standing_to(known, context, ports, is_of_key, same);
  if (standing == Standing::said_before || standing == Standing::repeats_others)
    return leave_unchanged(standing, subject, context, ports, effects);
  using Place = decltype(AnnualConsumptionVersion::contradicted_by);
  const bool contradicts = standing == Standing::contradicts;
  if (contradicts && known.size() >= std::numeric_limits<Place>::max())
    throw TurnFailure("the meter has too many annual consumptions to refuse one");
  MeterState& after = effects.state.emplace(meter);
  Place place = 0;
  if (contradicts) {
    make_versions(subject, ports, effects);
    effects.answer = Answer::refused;
    effects.refused_annual_consumptions = contradict_delivery(known, context, ports, is_of_key);
    place = static_cast<Place>(known.size() + 1);
    after.annual_consumption = std::move(known);
  }
  after.annual_consumption.push_back(
      {message.effective_from.value, message.quality, place, message.energy_wh, context.position});
}

}  // namespace hhgrid::actors
