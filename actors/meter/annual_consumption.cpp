#include "actors/meter/annual_consumption.hpp"

#include <algorithm>
#include <limits>

#include "actors/meter/dated_versions.hpp"

namespace hhgrid::actors {

void turn(const MeterState& meter, const storage::AnnualConsumption& message,
          const TurnContext& context, MeterPorts& ports, MeterEffects& effects) {
  const auto same = [&](const AnnualConsumptionVersion& v) {
    return v.energy_wh == message.energy_wh && v.quality == message.quality;
  };
  const auto own_delivery = [&](const AnnualConsumptionVersion& v) {
    return v.from == message.effective_from.value &&
           ports.of_one_delivery(v.position, context.position);
  };
  const auto is_of_key = [&](const AnnualConsumptionVersion& v) {
    return v.from == message.effective_from.value;
  };
  const auto& known = meter.annual_consumption;
  const bool contradicts = std::any_of(known.begin(), known.end(),
                                       [&](const auto& v) { return !same(v) && own_delivery(v); });
  const bool repeats = std::any_of(known.begin(), known.end(),
                                   [&](const auto& v) { return same(v) && own_delivery(v); });
  if (contradicts ? repeats  // of what has been refused before
                  : holds_from(known, context.received_at, ports, is_of_key, same)) {
    effects.answer = Answer::unchanged;
    return;
  }
  using Place = decltype(AnnualConsumptionVersion::contradicted_by);
  if (contradicts && known.size() >= std::numeric_limits<Place>::max())
    throw TurnFailure("the meter has too many annual consumptions to refuse one");
  MeterState& after = effects.state.emplace(meter);
  const auto place = static_cast<Place>(contradicts ? known.size() + 1 : 0);
  if (contradicts) {
    effects.answer = Answer::refused;
    for (auto& v : after.annual_consumption) {
      if (v.is_contradicted() || !own_delivery(v)) continue;
      v.contradicted_by = place;
      ++effects.refused_annual_consumptions;
    }
    ++effects.refused_annual_consumptions;
  }
  after.annual_consumption.push_back(
      {message.effective_from.value, message.quality, place, message.energy_wh, context.position});
}

}  // namespace hhgrid::actors
