#pragma once

#include <optional>
#include <span>

#include "core/standing/terms.hpp"
#include "core/validation/ecs1012_maximum.hpp"
#include "core/validation/refusal.hpp"

namespace hhgrid::core {

/// Which registration terms govern a stretch of a UTC day; null: none does, and nothing is judged.
struct GovernedPeriods {
  std::uint64_t periods = 0;
  const Terms* terms = nullptr;
};

/// What the registrations of a meter refuse of a day's half hours: ECS1008 and ECS1012. `maximum`:
/// the limits in force when the values were received; none: no limit had been given. `own`: the
/// meter's own over them, each of other half hours.
RefusedPeriods judge(const MeterDay& day, std::span<const GovernedPeriods> governed,
                     const MaximumEnergy* maximum, std::span<const OwnMaximum> own = {});

}  // namespace hhgrid::core
