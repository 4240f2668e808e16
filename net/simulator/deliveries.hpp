#pragma once

#include <cstdint>
#include <optional>

#include "core/types.hpp"
#include "net/simulator/population.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::net {

/// How a meter-day comes: most whole and in time.
enum class Delivery : std::uint8_t { whole, partial, missing, estimated, wrong };

/// How day `day` of meter `i` comes.
Delivery delivery(const Population& population, std::uint32_t i, core::UtcDay day);
/// What is delivered of `truth` in time (wave 1): nothing when it is missing or de-energised, a
/// part, an estimate or a wrong value with others, the truth mostly.
std::optional<storage::ConsumptionDay> first_delivery(const Population& population, std::uint32_t i,
                                                      const MeterTraits& traits,
                                                      const storage::ConsumptionDay& truth);
/// What is delivered late (wave 2): four of five missing days, the missing parts, actuals for
/// estimates, corrections.
std::optional<storage::ConsumptionDay> late_delivery(const Population& population, std::uint32_t i,
                                                     const MeterTraits& traits,
                                                     const storage::ConsumptionDay& truth);

}  // namespace hhgrid::net
