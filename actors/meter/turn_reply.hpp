#pragma once

#include "actors/host/reply.hpp"
#include "actors/meter/effects.hpp"

namespace hhgrid::actors {

/// How a meter's turn answers whoever has asked for it. What is refused, all of the message or some
/// half hours of it, is told by its first code.
Reply reply_of(const MeterEffects& effects);

}  // namespace hhgrid::actors
