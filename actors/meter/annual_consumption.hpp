#pragma once

#include "actors/host/fold.hpp"
#include "actors/meter/effects.hpp"
#include "actors/meter/ports.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {

/// A meter takes an annual consumption: what its missing half hours are estimated with.
void turn(const MeterState& meter, const storage::AnnualConsumption& message,
          const TurnContext& context, MeterPorts& ports, MeterEffects& effects);

}  // namespace hhgrid::actors
