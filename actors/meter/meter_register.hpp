#pragma once

#include "actors/host/fold.hpp"
#include "actors/meter/effects.hpp"
#include "actors/meter/ports.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {

/// A meter takes a register of one of its devices. What it has received while that is fitted is
/// judged anew: what the device's own limit does not allow is withdrawn, and what was above the
/// limit before may count (ECS1012).
void turn(const MeterState& meter, const storage::MeterRegister& message,
          const TurnContext& context, MeterPorts& ports, MeterEffects& effects);

}  // namespace hhgrid::actors
