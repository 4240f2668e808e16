#include "net/simulator/population.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <set>

#include "core/assertion.hpp"
#include "core/decimal.hpp"

namespace hhgrid::net {
namespace {

constexpr std::uint32_t many = 20'000;

Population population_of(std::uint32_t meters, std::int32_t days = 10, std::uint64_t seed = 1) {
  PopulationOptions options;
  options.seed = seed;
  options.meters = meters;
  options.days = days;
  return Population(options);
}

/// How many of `many` meters have a property, in per mille.
template <class Property>
int per_mille_of(const Population& population, Property property) {
  int count = 0;
  for (std::uint32_t i = 0; i < many; ++i) count += property(population.traits(i)) ? 1 : 0;
  return count * 1000 / static_cast<int>(many);
}

TEST(Population, TheSameSeedGivesTheSameMetersWhateverTheirNumber) {
  const auto small = population_of(10), large = population_of(1000);
  for (std::uint32_t i = 0; i < 10; ++i) {
    EXPECT_EQ(small.traits(i).mpan, large.traits(i).mpan);
    EXPECT_EQ(small.consumption(i, small.options().first_day).energy_wh,
              large.consumption(i, large.options().first_day).energy_wh);
  }
}

TEST(Population, TheFirstMeterOfSeedOneIsKnown) {
  // A changed value means that simulations are no longer comparable with earlier ones.
  const auto population = population_of(1);
  EXPECT_EQ(population.traits(0).mpan.number(), 1394270181541u);
  const auto day = population.consumption(0, population.options().first_day);
  core::WattHours sum = 0;
  for (const auto energy_wh : day.energy_wh) sum += energy_wh;
  EXPECT_EQ(day.energy_wh[0], 162);
  EXPECT_EQ(sum, 22'712);
}

TEST(Population, AnotherSeedGivesAnotherPopulation) {
  EXPECT_NE(population_of(1, 1, 1).traits(0).mpan, population_of(1, 1, 2).traits(0).mpan);
}

TEST(Population, NoTwoMetersShareAnMpan) {
  const auto population = population_of(many);
  std::set<std::uint64_t> numbers;
  for (std::uint32_t i = 0; i < many; ++i) numbers.insert(population.traits(i).mpan.number());
  EXPECT_EQ(numbers.size(), many);
}

TEST(Population, SegmentsDirectionsAndStatesHaveTheirShares) {
  const auto population = population_of(many);
  using core::MarketSegment;
  const auto share = [&](auto property) { return per_mille_of(population, property); };
  EXPECT_NEAR(share([](const auto& t) { return t.segment == MarketSegment::smart; }), 850, 10);
  EXPECT_NEAR(share([](const auto& t) { return t.segment == MarketSegment::advanced; }), 100, 10);
  EXPECT_NEAR(share([](const auto& t) { return t.segment == MarketSegment::unmetered; }), 50, 10);
  EXPECT_NEAR(share([](const auto& t) { return t.direction == core::Direction::export_; }), 80, 8);
  EXPECT_NEAR(share([](const auto& t) { return !t.energised; }), 5, 2);
  EXPECT_NEAR(share([](const auto& t) { return t.changes_supplier; }), 10, 3);
}

TEST(Population, AMeterChangesItsSupplierWithoutAGap) {
  const auto population = population_of(many);
  int changes = 0;
  for (std::uint32_t i = 0; i < many; ++i) {
    const auto registrations = population.registrations(i);
    if (registrations.size() == 1) continue;
    ASSERT_EQ(registrations.size(), 2u);
    EXPECT_EQ(registrations[0].effective.to + 1, registrations[1].effective.from);
    EXPECT_NE(registrations[0].terms.supplier, registrations[1].terms.supplier);
    ++changes;
  }
  EXPECT_GT(changes, 0);
}

TEST(Population, AnnualConsumptionIsNearWhatTheMeterTakes) {
  const auto population = population_of(many);
  int known = 0;
  for (std::uint32_t i = 0; i < many; ++i) {
    const auto annual = population.annual_consumption(i);
    if (!annual) continue;
    ++known;
    const auto truth = population.traits(i).annual_wh;
    EXPECT_NEAR(static_cast<double>(annual->energy_wh), static_cast<double>(truth),
                static_cast<double>(truth) * 0.101);
  }
  EXPECT_NEAR(known * 1000 / static_cast<int>(many), 950, 6);
}

TEST(Population, AYearOfReadingsIsNearTheAnnualEnergyOfTheMeter) {
  const auto population = population_of(40, 365);
  for (std::uint32_t i = 0; i < 40; ++i) {
    const auto traits = population.traits(i);
    if (!traits.energised) continue;
    core::WattHours sum = 0;
    for (int d = 0; d < 365; ++d)
      for (const auto energy_wh :
           population.consumption(i, traits, population.options().first_day + d).energy_wh)
        sum += energy_wh;
    EXPECT_GT(sum, traits.annual_wh * 80 / 100) << static_cast<int>(traits.curve);
    EXPECT_LT(sum, traits.annual_wh * 120 / 100) << static_cast<int>(traits.curve);
  }
}

TEST(Population, TheSunDoesNotShineAtNight) {
  const auto population = population_of(many);
  for (std::uint32_t i = 0; i < many; ++i) {
    const auto traits = population.traits(i);
    if (traits.curve != CurveKind::solar_export || !traits.energised) continue;
    const auto day = population.consumption(i, traits, population.options().first_day);
    EXPECT_EQ(day.energy_wh[0], 0);
    EXPECT_GT(day.energy_wh[23], 0);
    return;
  }
  FAIL() << "no export meter";
}

TEST(Population, DeliveriesHaveTheirShares) {
  const auto population = population_of(many);
  std::array<int, 5> counts{};
  for (std::uint32_t i = 0; i < many; ++i)
    ++counts[static_cast<std::size_t>(population.delivery(i, population.options().first_day))];
  EXPECT_NEAR(counts[static_cast<std::size_t>(Delivery::missing)] * 1000 / static_cast<int>(many),
              50, 6);
  EXPECT_NEAR(counts[static_cast<std::size_t>(Delivery::partial)] * 1000 / static_cast<int>(many),
              10, 3);
}

TEST(Population, ThePartsOfAPartialDayMakeTheWhole) {
  const auto population = population_of(many);
  int partial = 0;
  for (std::uint32_t i = 0; i < many; ++i) {
    const auto day = population.options().first_day;
    if (population.delivery(i, day) != Delivery::partial) continue;
    const auto traits = population.traits(i);
    const auto truth = population.consumption(i, traits, day);
    const auto first = population.first_delivery(i, traits, truth),
               late = population.late_delivery(i, traits, truth);
    if (!first || !late) continue;  // de-energised
    EXPECT_EQ(first->present & late->present, 0u);
    EXPECT_EQ(first->present | late->present, storage::all_periods);
    for (std::size_t slot = 0; slot < 48; ++slot)
      EXPECT_EQ(first->energy_wh[slot] + late->energy_wh[slot], truth.energy_wh[slot]);
    ++partial;
  }
  EXPECT_GT(partial, 0);
}

TEST(Population, WhatIsNotWholeAtFirstIsTheTruthInTheEnd) {
  const auto population = population_of(many);
  int late_days = 0, never = 0;
  for (std::uint32_t i = 0; i < many; ++i) {
    const auto day = population.options().first_day;
    const auto kind = population.delivery(i, day);
    const auto traits = population.traits(i);
    if (kind == Delivery::partial || !traits.energised) continue;
    const auto truth = population.consumption(i, traits, day);
    const auto first = population.first_delivery(i, traits, truth),
               late = population.late_delivery(i, traits, truth);
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

TEST(Population, ADayOutsideThePopulationIsADefect) {
  const auto population = population_of(1, 3);
  EXPECT_THROW(population.consumption(0, population.options().first_day + 3),
               core::BrokenInvariant);
}

TEST(BankHolidays, TheDaysOf2026AreKnown) {
  std::vector<std::string> days;
  for (const auto& day : bank_holidays_of(2026)) days.push_back(core::format_day(day.day_number));
  EXPECT_EQ(days,
            (std::vector<std::string>{"2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04",
                                      "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28"}));
}

TEST(BankHolidays, ChristmasOnAWeekendMovesToTheNextWorkingDays) {
  std::vector<std::string> days;
  for (const int year : {2021, 2022}) {  // Christmas Day on a Saturday, and on a Sunday
    const auto all = bank_holidays_of(year);
    days.push_back(core::format_day(all[all.size() - 2].day_number));
    days.push_back(core::format_day(all[all.size() - 1].day_number));
  }
  EXPECT_EQ(days,
            (std::vector<std::string>{"2021-12-27", "2021-12-28", "2022-12-26", "2022-12-27"}));
}

}  // namespace
}  // namespace hhgrid::net
