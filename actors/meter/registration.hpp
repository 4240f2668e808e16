#pragma once

#include "actors/host/fold.hpp"
#include "actors/meter/effects.hpp"
#include "actors/meter/ports.hpp"

namespace hhgrid::actors {

/// A registration of the meter; its terms by their number in the partition.
struct MeterRegistration {
  core::Mpan mpan;
  core::EffectiveRange effective;
  TermsId terms = 0;
};

/// A meter takes a registration. Its volumes and its place in the population move to the terms that
/// govern each day now, and what it has received of those days is judged anew: what the
/// registration does not allow is withdrawn, and what one before it did not allow may count.
void turn(const MeterState& meter, const MeterRegistration& message, const TurnContext& context,
          MeterPorts& ports, MeterEffects& effects);

}  // namespace hhgrid::actors
