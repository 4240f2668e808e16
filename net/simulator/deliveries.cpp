#include "net/simulator/deliveries.hpp"

#include "net/simulator/counter_random.hpp"

namespace hhgrid::net {
namespace {

using core::periods_per_utc_day;
using storage::ConsumptionDay;

constexpr std::uint32_t estimated_per_mille = 20, wrong_per_mille = 5;

/// The part that comes of a partial day: without a run of 2 to 20 periods.
std::uint64_t part_of_day(CounterRandom& random) {
  const auto count = 2 + random.below(19);
  const auto first = random.below(periods_per_utc_day - count + 1);
  return core::all_periods_mask & ~(((std::uint64_t{1} << count) - 1) << first);
}

void keep(ConsumptionDay& day, std::uint64_t present) {
  day.present = present;
  for (std::size_t slot = 0; slot < periods_per_utc_day; ++slot)
    if ((present >> slot & 1) == 0) day.energy_wh[slot] = 0;
}

}  // namespace

Delivery delivery(const Population& population, std::uint32_t i, core::UtcDay day) {
  CounterRandom random(population.options().seed, random_delivery, i,
                       static_cast<std::uint32_t>(day.value));
  auto at = random.below(1000);
  const auto within = [&at](std::uint32_t share) {
    const bool inside = at < share;
    at -= inside ? 0 : share;
    return inside;
  };
  if (within(population.options().missing_per_mille)) return Delivery::missing;
  if (within(population.options().partial_per_mille)) return Delivery::partial;
  if (within(estimated_per_mille)) return Delivery::estimated;
  if (within(wrong_per_mille)) return Delivery::wrong;
  return Delivery::whole;
}

std::optional<ConsumptionDay> first_delivery(const Population& population, std::uint32_t i,
                                             const MeterTraits& traits,
                                             const ConsumptionDay& truth) {
  if (!traits.energised) return std::nullopt;
  ConsumptionDay out = truth;
  CounterRandom random(population.options().seed, random_delivery, i,
                       static_cast<std::uint32_t>(truth.day.value) + (std::uint64_t{1} << 32));
  switch (delivery(population, i, truth.day)) {
    case Delivery::missing:
      return std::nullopt;
    case Delivery::partial:
      keep(out, part_of_day(random));
      break;
    case Delivery::estimated: {
      // The curve without what is special of the day.
      const Curve& shape = population.curve(traits.curve, truth.day);
      for (std::size_t slot = 0; slot < periods_per_utc_day; ++slot)
        out.energy_wh[slot] = traits.annual_wh * shape[slot] / (periods_per_year * 1000);
      out.quality = core::Quality::e3;
      break;
    }
    case Delivery::wrong:
      for (auto& energy_wh : out.energy_wh) energy_wh += energy_wh / 2;
      break;
    case Delivery::whole:
      break;
  }
  return out;
}

std::optional<ConsumptionDay> late_delivery(const Population& population, std::uint32_t i,
                                            const MeterTraits& traits,
                                            const ConsumptionDay& truth) {
  if (!traits.energised) return std::nullopt;
  CounterRandom random(population.options().seed, random_delivery, i,
                       static_cast<std::uint32_t>(truth.day.value) + (std::uint64_t{1} << 32));
  ConsumptionDay out = truth;
  switch (delivery(population, i, truth.day)) {
    case Delivery::missing:
      if (random.per_mille(200)) return std::nullopt;  // never comes
      break;
    case Delivery::partial:
      keep(out, core::all_periods_mask & ~part_of_day(random));
      break;
    case Delivery::whole:
      return std::nullopt;
    case Delivery::estimated:
    case Delivery::wrong:
      break;
  }
  return out;
}

}  // namespace hhgrid::net
