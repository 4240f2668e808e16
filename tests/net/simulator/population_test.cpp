#include "net/simulator/population.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/assertion.hpp"
#include "core/decimal.hpp"
#include "core/validation/ecs1012_maximum.hpp"
#include "tests/net/simulator/population_case.hpp"

namespace hhgrid::net {
namespace {

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

TEST(Population, NoHalfHourIsMoreThanTheConnectionCarries) {
  const core::MaximumEnergy maximum;
  for (const char* day : {"2026-06-21", "2026-12-21"}) {
    PopulationOptions options = population_of(1).options();
    options.meters = 5 * many;
    options.first_day = core::UtcDay{core::parse_day_number(day).value()};
    const Population population(options);
    for (std::uint32_t i = 0; i < options.meters; ++i) {
      const auto reading = population.consumption(i, options.first_day);
      const auto limit = maximum.of(population.traits(i).connection);
      for (const auto energy_wh : reading.energy_wh)
        ASSERT_LE(energy_wh, limit) << i << " on " << day;
    }
  }
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

TEST(Population, ADayOutsideThePopulationIsADefect) {
  const auto population = population_of(1, 3);
  EXPECT_THROW(population.consumption(0, population.options().first_day + 3),
               core::BrokenInvariant);
}

}  // namespace
}  // namespace hhgrid::net
