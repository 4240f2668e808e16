#pragma once

#include "actors/host/fold.hpp"
#include "actors/meter/effects.hpp"
#include "actors/meter/ports.hpp"

namespace hhgrid::actors {

/// Moves the UTC days of a meter from what governed them to what governs them in its new state,
/// which the effects have already: volumes move to the terms that govern now, and each version is
/// judged again. `before`: the state until now; `rule`: by which a version follows where a
/// judgement is another.
void move_days(const MeterState& before, core::Mpan mpan, DerivationRule rule,
               const TurnContext& context, MeterPorts& ports, MeterEffects& effects);

}  // namespace hhgrid::actors
