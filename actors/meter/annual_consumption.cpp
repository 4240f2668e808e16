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
  const auto& known = meter.annual_consumption;
  const auto standing = standing_to(known, context, ports, is_of_key, same);
  if (standing == Standing::unchanged) {
    effects.answer = Answer::unchanged;
    return;
  }
  using Place = decltype(AnnualConsumptionVersion::contradicted_by);
  const bool contradicts = standing == Standing::contradicts;
  if (contradicts && known.size() >= std::numeric_limits<Place>::max())
    throw TurnFailure("the meter has too many annual consumptions to refuse one");
  MeterState& after = effects.state.emplace(meter);
  if (contradicts) {
    effects.answer = Answer::refused;
    effects.refused_annual_consumptions =
        contradict_delivery(after.annual_consumption, context, ports, is_of_key);
  }
  const auto place = static_cast<Place>(contradicts ? known.size() + 1 : 0);
  after.annual_consumption.push_back(
      {message.effective_from.value, message.quality, place, message.energy_wh, context.position});
}

}  // namespace hhgrid::actors
