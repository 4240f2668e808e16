#include "actors/meter/annual_consumption.hpp"

#include "actors/meter/dated_versions.hpp"

namespace hhgrid::actors {

void turn(const MeterState& meter, const storage::AnnualConsumption& message,
          const TurnContext& context, MeterPorts& ports, MeterEffects& effects) {
  const auto stands_for = [&](const AnnualConsumptionVersion& version) {
    return version.from == message.effective_from.value;
  };
  const auto same = [&](const AnnualConsumptionVersion& version) {
    return version.energy_wh == message.energy_wh && version.quality == message.quality;
  };
  if (holds_from(meter.annual_consumption, context.received_at, ports, stands_for, same)) {
    effects.answer = Answer::unchanged;
    return;
  }
  effects.state = meter;
  effects.state->annual_consumption.push_back(
      {message.effective_from.value, message.quality, message.energy_wh, context.position});
}

}  // namespace hhgrid::actors
