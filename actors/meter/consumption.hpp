#pragma once

#include <span>

#include "actors/host/fold.hpp"
#include "actors/meter/effects.hpp"
#include "actors/meter/ports.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {

/// IF-021: half hours of the meter, one quantity, one UTC day.
struct Consumption {
  explicit Consumption(core::Mpan meter) : mpan(meter) {}

  core::Mpan mpan;
  core::UtcDay day;
  core::MeasurementQuantity quantity{};
  MeterDay values;
  /// core/packing of the 48 values when all are there with one quality and without reasons; empty
  /// otherwise. The bytes of whoever made the message.
  std::span<const std::uint8_t> packed;
};

/// The message of an entry, decoded once into a buffer that is used again and again. Throws
/// TurnFailure on one that does not hold.
void read_consumption(const schema::Entry::Reader& entry, Consumption& message);

/// A meter takes readings. What the market's rules refuse of them is refused half hour by half
/// hour: what the registrations known by now do not allow (ECS1008, ECS1012), and what contradicts
/// another message of the same delivery (ECS1006: then both are refused, also what counted
/// already). The other half hours count from now on. Readings of days that no registration covers
/// are kept, and judged when one comes.
void turn(const MeterState& meter, const Consumption& message, const TurnContext& context,
          MeterPorts& ports, MeterEffects& effects);

}  // namespace hhgrid::actors
