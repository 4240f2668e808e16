#pragma once

#include <absl/container/inlined_vector.h>

#include "actors/meter/meter.hpp"
#include "actors/meter/presence.hpp"
#include "core/validation/ecs1012_maximum.hpp"

namespace hhgrid::actors {

/// Nearly always nothing, and of one device all day.
using OwnMaxima = absl::InlinedVector<core::OwnMaximum, 1>;

/// The meter's own limits of a UTC day and quantity as of a cut-off (ECS1012): of each half hour
/// that of the main device fitted at its begin, of several the one that was fitted last. Of
/// registers fitted at one time the greatest counts, and none when one of them has none.
OwnMaxima own_maxima(const MeterState& meter, const Presence::Key& key,
                     const AsOf& as_of = as_of_now);

}  // namespace hhgrid::actors
