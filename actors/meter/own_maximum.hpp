#pragma once

#include <vector>

#include <absl/container/inlined_vector.h>

#include "actors/meter/meter.hpp"
#include "actors/meter/presence.hpp"
#include "core/validation/ecs1012_maximum.hpp"

namespace hhgrid::actors {

/// Nearly always nothing, and of one device all day.
using OwnMaxima = absl::InlinedVector<core::OwnMaximum, 1>;

/// What limits a meter has of its own (ECS1012), by its registers of a quantity as of a cut-off: of
/// each half hour that of the main device fitted at its begin, of several the one that was fitted
/// last. Of registers fitted at one time the greatest counts, and that of the connection when one
/// of them has none.
class OwnLimits {
 public:
  /// `meter` must outlive this.
  OwnLimits(const MeterState& meter, core::MeasurementQuantity quantity,
            const AsOf& as_of = as_of_now);
  OwnMaxima of(core::UtcDay day) const;

 private:
  core::WattHours maximum_at(core::Instant at) const;

  std::vector<const RegisterVersion*> registers_;  // that count, those fitted last first
};

/// The same of one day. Of a meter without registers for nothing.
OwnMaxima own_maxima(const MeterState& meter, const Presence::Key& key,
                     const AsOf& as_of = as_of_now);

}  // namespace hhgrid::actors
