#include <bit>

#include "core/assertion.hpp"
#include "net/simulator/counter_random.hpp"
#include "net/simulator/population.hpp"

namespace hhgrid::net {
namespace {

using core::periods_per_utc_day;
using storage::ConsumptionDay;

constexpr int periods_per_year = 17'520;
constexpr std::uint32_t estimated_per_mille = 20, wrong_per_mille = 5;

/// The part that comes of a partial day: without a run of 2 to 20 periods.
std::uint64_t part_of_day(CounterRandom& random) {
  const auto count = 2 + random.below(19);
  const auto first = random.below(periods_per_utc_day - count + 1);
  return storage::all_periods & ~(((std::uint64_t{1} << count) - 1) << first);
}

void keep(ConsumptionDay& day, std::uint64_t present) {
  day.present = present;
  for (std::size_t slot = 0; slot < periods_per_utc_day; ++slot)
    if ((present >> slot & 1) == 0) day.energy_wh[slot] = 0;
}

}  // namespace

const Curve& Population::curve(CurveKind kind, core::UtcDay day) const {
  const std::int32_t index = day - options_.first_day;
  HHGRID_ASSERT(0 <= index && index < options_.days, index, options_.days);
  return curves_[static_cast<std::size_t>(index)][static_cast<std::size_t>(kind)];
}

ConsumptionDay Population::consumption(std::uint32_t i, core::UtcDay day) const {
  return consumption(i, traits(i), day);
}

ConsumptionDay Population::consumption(std::uint32_t i, const MeterTraits& traits,
                                       core::UtcDay day) const {
  ConsumptionDay out(traits.mpan);
  out.quantity = traits.quantity();
  out.day = day;
  out.present = storage::all_periods;
  out.quality = core::Quality::a;
  if (!traits.energised) return out;

  CounterRandom random(options_.seed, random_day, i, static_cast<std::uint32_t>(day.value));
  const Curve& shape = curve(traits.curve, day);
  // Wh a period in 2^-20 thousandths (the curve is in thousandths), times a day's factor of 0.75
  // to 1.25. At most 6e10 Wh a year x 3.6 x 1.75: everything stays below 2^50.
  const std::int64_t mean =
      (traits.annual_wh << 20) / (periods_per_year * 1000) * (768 + random.below(512)) >> 10;
  // Lamps do not flicker; homes and works vary from half hour to half hour by up to three quarters.
  const std::int64_t spread = traits.curve == CurveKind::street_lighting ? 0 : 3;
  for (std::size_t slot = 0; slot < periods_per_utc_day; slot += 4) {
    const std::uint64_t bits = random.next();
    for (std::size_t k = 0; k < 4; ++k) {
      const auto noise =
          static_cast<std::int64_t>(bits >> (16 * k) & 0x7FF) - 1024;  // -1024 .. 1023
      const std::int64_t factor = 4096 + noise * spread;               // 4096 is 1
      out.energy_wh[slot + k] = (mean * shape[slot + k] >> 8) * factor >> (12 + 12);
    }
  }
  return out;
}

Delivery Population::delivery(std::uint32_t i, core::UtcDay day) const {
  CounterRandom random(options_.seed, random_delivery, i, static_cast<std::uint32_t>(day.value));
  auto at = random.below(1000);
  const auto within = [&at](std::uint32_t share) {
    const bool inside = at < share;
    at -= inside ? 0 : share;
    return inside;
  };
  if (within(options_.missing_per_mille)) return Delivery::missing;
  if (within(options_.partial_per_mille)) return Delivery::partial;
  if (within(estimated_per_mille)) return Delivery::estimated;
  if (within(wrong_per_mille)) return Delivery::wrong;
  return Delivery::whole;
}

std::optional<ConsumptionDay> Population::first_delivery(std::uint32_t i, const MeterTraits& traits,
                                                         const ConsumptionDay& truth) const {
  if (!traits.energised) return std::nullopt;
  ConsumptionDay out = truth;
  CounterRandom random(options_.seed, random_delivery, i,
                       static_cast<std::uint32_t>(truth.day.value) + (std::uint64_t{1} << 32));
  switch (delivery(i, truth.day)) {
    case Delivery::missing:
      return std::nullopt;
    case Delivery::partial:
      keep(out, part_of_day(random));
      break;
    case Delivery::estimated: {
      // The curve without what is special of the day.
      const Curve& shape = curve(traits.curve, truth.day);
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

std::optional<ConsumptionDay> Population::late_delivery(std::uint32_t i, const MeterTraits& traits,
                                                        const ConsumptionDay& truth) const {
  if (!traits.energised) return std::nullopt;
  CounterRandom random(options_.seed, random_delivery, i,
                       static_cast<std::uint32_t>(truth.day.value) + (std::uint64_t{1} << 32));
  ConsumptionDay out = truth;
  switch (delivery(i, truth.day)) {
    case Delivery::missing:
      if (random.per_mille(200)) return std::nullopt;  // never comes
      break;
    case Delivery::partial:
      keep(out, storage::all_periods & ~part_of_day(random));
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
