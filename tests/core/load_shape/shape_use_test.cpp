#include "core/load_shape/shape_use.hpp"

#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hhgrid::core {
namespace {

constexpr auto import_ = MeasurementQuantity::active_import;
constexpr auto export_ = MeasurementQuantity::active_export;

void expect_default(const DefaultValue& value, WattHours energy_wh, ShapeFlag flag,
                    bool exception = false) {
  EXPECT_EQ(value.energy_wh, energy_wh);
  EXPECT_EQ(static_cast<char>(value.flag), static_cast<char>(flag));
  EXPECT_EQ(value.exception, exception);
}

// -- defaults -----------------------------------------------------------------

TEST(DefaultValueTest, AnAnnualConsumptionScalesTheShape) {
  // A worked example of the load shapes' method statement with published (rounded) shape values.
  const WattHours shape[4] = {240, 217, 183, 383};
  const WattHours expected[4] = {220, 199, 167, 351};
  for (int i = 0; i < 4; ++i) {
    expect_default(default_value(import_, shape[i], ShapeFlag::actual, 2'950'000, 2'700'000),
                   expected[i], ShapeFlag::actual);
  }
}

TEST(DefaultValueTest, TheFlagIsTheShapes) {
  expect_default(default_value(import_, 100, ShapeFlag::standard_default, 2'000, 1'000), 50,
                 ShapeFlag::standard_default);
  expect_default(default_value(import_, 100, ShapeFlag::back_stop, 2'000, 1'000), 50,
                 ShapeFlag::back_stop);
}

TEST(DefaultValueTest, AnAnnualConsumptionServesExportAsWell) {
  expect_default(default_value(export_, 100, ShapeFlag::actual, 2'000, 1'000), 50,
                 ShapeFlag::actual);
}

TEST(DefaultValueTest, HalvesRoundAwayFromZero) {
  expect_default(default_value(import_, 1, ShapeFlag::actual, 2, 1), 1, ShapeFlag::actual);
}

TEST(DefaultValueTest, ProductsBeyond64BitsAreExact) {
  const WattHours big = WattHours{1} << 40;
  expect_default(default_value(import_, big, ShapeFlag::actual, big, big), big, ShapeFlag::actual);
}

TEST(DefaultValueTest, AnAnnualTotalNearZeroDoesNotOverflow) {
  const WattHours big = WattHours{1} << 40;
  for (const auto sign : {1, -1})
    expect_default(default_value(import_, sign * big, ShapeFlag::actual, 1, big),
                   sign * (WattHours{1} << 42), ShapeFlag::actual);
}

TEST(DefaultValueTest, WithoutAnnualConsumptionImportIsTheAverageSite) {
  expect_default(default_value(import_, 240, ShapeFlag::actual, 2'950'000, std::nullopt), 240,
                 ShapeFlag::actual);
}

TEST(DefaultValueTest, WithoutAnnualConsumptionExportIsZero) {
  expect_default(default_value(export_, 240, ShapeFlag::standard_default, 2'950'000, std::nullopt),
                 0, ShapeFlag::standard_default);
}

TEST(DefaultValueTest, WithoutAShapeTheAnnualConsumptionIsFlat) {
  expect_default(default_value(import_, 0, ShapeFlag::no_data, 2'950'000, 17'520 * 3 + 8'760), 4,
                 ShapeFlag::no_data);
}

TEST(DefaultValueTest, AnAnnualTotalOfZeroIsFlatToo) {
  expect_default(default_value(import_, 0, ShapeFlag::actual, 0, 17'520 * 3), 3, ShapeFlag::actual);
}

TEST(DefaultValueTest, WithNeitherShapeNorAnnualConsumptionItIsZeroAndAnException) {
  expect_default(default_value(import_, 0, ShapeFlag::no_data, 0, std::nullopt), 0,
                 ShapeFlag::no_data, true);
  expect_default(default_value(export_, 0, ShapeFlag::no_data, 0, std::nullopt), 0,
                 ShapeFlag::no_data, true);
}

TEST(DefaultValueTest, AnAnnualConsumptionOfZeroIsKnown) {
  expect_default(default_value(import_, 0, ShapeFlag::no_data, 0, 0), 0, ShapeFlag::no_data);
  expect_default(default_value(import_, 240, ShapeFlag::actual, 2'950'000, 0), 0,
                 ShapeFlag::actual);
}

// -- spreading an advance -----------------------------------------------------

TEST(SpreadAdvanceTest, SharesFollowTheShape) {
  EXPECT_EQ(spread_advance(600, {1, 2, 3}), (std::vector<WattHours>{100, 200, 300}));
}

TEST(SpreadAdvanceTest, TheDifferenceGoesToTheEarliestOfTheLargest) {
  EXPECT_EQ(spread_advance(100, {1, 1, 1}), (std::vector<WattHours>{34, 33, 33}));
  EXPECT_EQ(spread_advance(10, {1, 3, 3}), (std::vector<WattHours>{1, 5, 4}));
}

TEST(SpreadAdvanceTest, ShapesOfZeroGetEqualShares) {
  EXPECT_EQ(spread_advance(11, {0, 0, 0, 0}), (std::vector<WattHours>{2, 3, 3, 3}));
}

TEST(SpreadAdvanceTest, NoPeriodsGiveNoValues) { EXPECT_TRUE(spread_advance(11, {}).empty()); }

RC_GTEST_PROP(SpreadAdvanceProperty, TheSumIsExactlyTheAdvance, ()) {
  const auto advance = *rc::gen::inRange<WattHours>(0, WattHours{1} << 40);
  const auto largest = *rc::gen::elementOf(std::vector<WattHours>{1, 2, 1'000, WattHours{1} << 40});
  const auto shape = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<WattHours>>(rc::gen::inRange<WattHours>(0, largest)));
  const auto values = spread_advance(advance, shape);
  RC_ASSERT(values.size() == shape.size());
  RC_ASSERT(std::accumulate(values.begin(), values.end(), WattHours{0}) == advance);
}

}  // namespace
}  // namespace hhgrid::core
