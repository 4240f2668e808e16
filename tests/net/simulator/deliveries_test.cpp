#include "net/simulator/deliveries.hpp"

#include <array>

#include <gtest/gtest.h>

#include "tests/net/simulator/population_case.hpp"

namespace hhgrid::net {
namespace {

TEST(Deliveries, EachKindHasItsShare) {
  const auto population = population_of(many);
  std::array<int, 5> counts{};
  for (std::uint32_t i = 0; i < many; ++i)
    ++counts[static_cast<std::size_t>(delivery(population, i, population.options().first_day))];
  EXPECT_NEAR(counts[static_cast<std::size_t>(Delivery::missing)] * 1000 / static_cast<int>(many),
              50, 6);
  EXPECT_NEAR(counts[static_cast<std::size_t>(Delivery::partial)] * 1000 / static_cast<int>(many),
              10, 3);
}

TEST(Deliveries, ThePartsOfAPartialDayMakeTheWhole) {
  const auto population = population_of(many);
  int partial = 0;
  for (std::uint32_t i = 0; i < many; ++i) {
    const auto day = population.options().first_day;
    if (delivery(population, i, day) != Delivery::partial) continue;
    const auto traits = population.traits(i);
    const auto truth = population.consumption(i, traits, day);
    const auto first = first_delivery(population, i, traits, truth),
               late = late_delivery(population, i, traits, truth);
    if (!first || !late) continue;  // de-energised
    EXPECT_EQ(first->present & late->present, 0u);
    EXPECT_EQ(first->present | late->present, core::all_periods_mask);
    for (std::size_t slot = 0; slot < 48; ++slot)
      EXPECT_EQ(first->energy_wh[slot] + late->energy_wh[slot], truth.energy_wh[slot]);
    ++partial;
  }
  EXPECT_GT(partial, 0);
}

TEST(Deliveries, WhatIsNotWholeAtFirstIsTheTruthInTheEnd) {
  const auto population = population_of(many);
  int late_days = 0, never = 0;
  for (std::uint32_t i = 0; i < many; ++i) {
    const auto day = population.options().first_day;
    const auto kind = delivery(population, i, day);
    const auto traits = population.traits(i);
    if (kind == Delivery::partial || !traits.energised) continue;
    const auto truth = population.consumption(i, traits, day);
    const auto first = first_delivery(population, i, traits, truth),
               late = late_delivery(population, i, traits, truth);
    const auto& last = late ? late : first;
    late_days += late ? 1 : 0;
    never += last ? 0 : 1;
    if (last) {
      EXPECT_EQ(last->energy_wh, truth.energy_wh);
      EXPECT_EQ(last->quality, core::Quality::a);
    }
  }
  EXPECT_GT(late_days, 0);
  EXPECT_GT(never, 0);
}

}  // namespace
}  // namespace hhgrid::net
