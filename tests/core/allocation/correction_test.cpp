#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/allocation/settle_case.hpp"

namespace hhgrid::core {
namespace {

/// A worked example of the correction's method statement in one group; every period is the example.
SettleCase worked_example() {
  SettleCase grid;
  grid.classes(101, "W", "AI", "S", 100, 100);
  grid.classes(111, "L", "AI", "A", 0, 50);
  grid.classes(121, "U", "AI", "U", 130, 130);
  grid.classes(201, "W", "AE", "S", 100, 100);
  grid.classes(211, "H", "AE", "A", 0, 0);
  grid.line_losses("1", 1'078);
  grid.line_losses("2", 1'050);
  grid.line_losses("3", 1'020);
  grid.group_take(680'000'000);
  grid.volume(300'000'000);
  auto& low_voltage = grid.volume(400'000'000, "AI", "2").terms;
  low_voltage.connection = ConnectionType::low_voltage;
  low_voltage.segment = MarketSegment::advanced;
  auto& unmetered = grid.volume(10'000'000).terms;
  unmetered.connection = ConnectionType::unmetered;
  unmetered.segment = MarketSegment::unmetered;
  grid.volume(40'000'000, "AE");
  auto& high_voltage = grid.volume(60'000'000, "AE", "3").terms;
  high_voltage.connection = ConnectionType::high_voltage;
  high_voltage.segment = MarketSegment::advanced;
  return grid;
}

std::vector<WattHours> corrected_in_period(const GroupSettlement& settlement, int period) {
  std::vector<WattHours> values;
  for (const auto& component : settlement.components) {
    values.push_back(component.corrected_wh[static_cast<std::size_t>(period - 1)]);
  }
  return values;
}

TEST(CorrectionTest, ImportAndExportFactorsAreThoseOfTheWorkedExample) {
  const auto settlement = worked_example().settle(CorrectionMethod::import_export);
  EXPECT_EQ(settlement.uncorrected_wh[47], 649'860'000);
  EXPECT_EQ(settlement.gcf_import[47], 1'077'176'379);
  EXPECT_EQ(settlement.gcf_export[47], 922'823'621);
  EXPECT_THAT(corrected_in_period(settlement, 48),
              testing::ElementsAre(323'152'914, 25'205'927, 400'000'000, 20'771'764, 11'003'293,
                                   858'257, 36'912'945, 2'879'210, 60'000'000, 1'200'000));
  EXPECT_EQ(settlement.residual_wh[47], 0);
}

TEST(CorrectionTest, TheLegacyFactorIsThatOfTheWorkedExample) {
  const auto settlement = worked_example().settle(CorrectionMethod::legacy);
  EXPECT_EQ(settlement.gcf_import[0], 1'099'048'946);
  EXPECT_EQ(settlement.gcf_export[0], 1'099'048'946);
  EXPECT_THAT(corrected_in_period(settlement, 1),
              testing::ElementsAre(329'714'684, 25'717'745, 400'000'000, 20'990'489, 11'287'636,
                                   880'436, 43'961'958, 3'429'033, 60'000'000, 1'200'000));
  EXPECT_EQ(settlement.residual_wh[0], 1);
}

TEST(CorrectionTest, ABmuImportsAndExportsItsCorrectedComponents) {
  const auto settlement = worked_example().settle();
  ASSERT_EQ(settlement.bmus.size(), 1U);
  EXPECT_EQ(settlement.bmus[0].bmu.view(), "2__CSUPA000");
  EXPECT_EQ(settlement.bmus[0].import_wh[0], 780'992'155);
  EXPECT_EQ(settlement.bmus[0].export_wh[0], 100'992'155);
}

TEST(CorrectionTest, UnitsOfSeveralSuppliersAreKeptApart) {
  SettleCase grid;
  grid.classes(101, "W", "AI", "S", 100, 100);
  grid.line_losses("1", 1'000);
  grid.default_unit("SUPB");
  grid.group_take(3'000);
  grid.volume(1'000);
  grid.volume(2'000).terms.supplier = SupplierId::parse("SUPB").value();
  const auto settlement = grid.settle();
  ASSERT_EQ(settlement.bmus.size(), 2U);
  EXPECT_EQ(settlement.bmus[0].import_wh[0], 1'000);
  EXPECT_EQ(settlement.bmus[1].import_wh[0], 2'000);
  EXPECT_TRUE(settlement.exceptions.empty());
}

/// One import component of 1,000 Wh and its losses of 0 in each period.
class FactorTest : public testing::Test {
 protected:
  FactorTest() {
    grid.classes(101, "W", "AI", "S", 100, 0);
    grid.classes(201, "W", "AE", "S", 100, 0);
    grid.line_losses("1", 1'000);
    grid.volume(1'000);
    grid.group_take(1'000);
  }
  SettleCase grid;
};

TEST_F(FactorTest, FactorsOf0Point9And1Point1AreUsual) {
  grid.group_take(1, 900);
  grid.group_take(2, 1'100);
  const auto settlement = grid.settle();
  EXPECT_EQ(settlement.gcf_import[0], 900'000'000);
  EXPECT_EQ(settlement.gcf_import[1], 1'100'000'000);
  EXPECT_TRUE(settlement.exceptions.empty());
}

TEST_F(FactorTest, FactorsOutside0Point9To1Point1AreWarnedOfAndApplied) {
  grid.group_take(3, 1'101);
  const auto settlement = grid.settle();
  EXPECT_EQ(settlement.components[0].corrected_wh[2], 1'101);
  EXPECT_FALSE(settlement.held);
  const auto warnings = exceptions_of(settlement, "factor_warning");
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_EQ(warnings[0].subject, "_C");
  EXPECT_EQ(warnings[0].period, 3);
  EXPECT_EQ(warnings[0].text, "The export factor 0.899000000 is outside 0.9 to 1.1.");
  EXPECT_EQ(warnings[1].text, "The import factor 1.101000000 is outside 0.9 to 1.1.");
}

TEST_F(FactorTest, TheLegacyFactorIsWarnedOfOnce) {
  grid.group_take(3, 1'101);
  const auto warnings = exceptions_of(grid.settle(CorrectionMethod::legacy), "factor_warning");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].text, "The factor 1.101000000 is outside 0.9 to 1.1.");
}

TEST_F(FactorTest, AFactorBelowZeroHoldsTheRun) {
  grid.group_take(5, -1);
  grid.group_take(6, 2'001);  // the export factor
  const auto settlement = grid.settle();
  ASSERT_TRUE(settlement.held);
  EXPECT_EQ(*settlement.held,
            "A GSP Group Correction Factor of _C on 2024-10-04 is below 0 in settlement periods "
            "5-6.");
  EXPECT_FALSE(settlement.refused);
  EXPECT_EQ(settlement.components[0].corrected_wh[4], -1);
}

TEST_F(FactorTest, AFactorOfExactlyZeroIsNotHeld) {
  grid.group_take(5, 0);
  EXPECT_FALSE(grid.settle().held);
}

TEST_F(FactorTest, WithoutWeightBothFactorsAreOneAndTheErrorStaysUnallocated) {
  grid.volumes[0].energy_wh[9] = 0;
  const auto settlement = grid.settle();
  EXPECT_EQ(settlement.gcf_import[9], 1'000'000'000);
  EXPECT_EQ(settlement.gcf_export[9], 1'000'000'000);
  EXPECT_EQ(settlement.residual_wh[9], 1'000);
  const auto exceptions = exceptions_of(settlement, "weight_zero");
  ASSERT_EQ(exceptions.size(), 1U);
  EXPECT_EQ(exceptions[0].subject, "_C");
  EXPECT_EQ(exceptions[0].period, 10);
  EXPECT_EQ(exceptions[0].text,
            "No component carries weight, so both factors are 1; 0.001000 MWh stay unallocated.");
}

TEST_F(FactorTest, LegacyWeightsOfImportAndExportMayCancelOut) {
  grid.volume(1'000, "AE");
  EXPECT_EQ(exceptions_of(grid.settle(CorrectionMethod::legacy), "weight_zero").size(), 48U);
  EXPECT_TRUE(exceptions_of(grid.settle(), "weight_zero").empty());
}

TEST_F(FactorTest, AFactorThatDoesNotFitItsFieldHoldsTheRunAndItsPeriodIsNotCorrected) {
  grid.volumes[0].energy_wh[0] = 1;
  grid.group_take(1, 2'000'000'000);
  const auto settlement = grid.settle();
  EXPECT_FALSE(settlement.refused);
  ASSERT_TRUE(settlement.held);
  EXPECT_EQ(
      *settlement.held,
      "A GSP Group Correction Factor of _C on 2024-10-04 does not fit, so that both are 1, in "
      "settlement periods 1.");
  EXPECT_EQ(settlement.gcf_import[0], 1'000'000'000);
  EXPECT_EQ(settlement.gcf_export[0], 1'000'000'000);
  EXPECT_EQ(settlement.components[0].corrected_wh[0], 1);
  EXPECT_EQ(settlement.residual_wh[0], 1'999'999'999);
  const auto exceptions = exceptions_of(settlement, "factor_too_large");
  ASSERT_EQ(exceptions.size(), 1U);
  EXPECT_EQ(exceptions[0].subject, "_C");
  EXPECT_EQ(exceptions[0].period, 1);
  EXPECT_EQ(exceptions[0].text,
            "The import factor does not fit nine digits before the point (error 1999.999999 MWh, "
            "weighted volume 0.00000100 MWh), so both factors are 1 and the error stays "
            "unallocated.");
  EXPECT_TRUE(exceptions_of(settlement, "factor_warning").empty());
}

TEST_F(FactorTest, TheLargestFactorThatFitsIsApplied) {
  grid.volumes[0].energy_wh[0] = 1;
  grid.group_take(1, 999'999'999);  // the export factor is -999999997
  const auto settlement = grid.settle();
  EXPECT_EQ(settlement.gcf_import[0], 999'999'999'000'000'000);
  EXPECT_EQ(settlement.components[0].corrected_wh[0], 999'999'999);
  EXPECT_TRUE(exceptions_of(settlement, "factor_too_large").empty());
}

TEST_F(FactorTest, OtherPeriodsOfTheDayAreCorrectedAsEver) {
  grid.volumes[0].energy_wh[0] = 1;
  grid.group_take(1, 2'000'000'000);
  grid.group_take(2, 1'050);
  const auto settlement = grid.settle();
  EXPECT_EQ(settlement.gcf_import[1], 1'050'000'000);
  EXPECT_EQ(settlement.components[0].corrected_wh[1], 1'050);
}

TEST_F(FactorTest, TheLegacyFactorThatDoesNotFitIsNamed) {
  grid.volumes[0].energy_wh[0] = 1;
  grid.group_take(1, 2'000'000'000);
  const auto exceptions = exceptions_of(grid.settle(CorrectionMethod::legacy), "factor_too_large");
  ASSERT_EQ(exceptions.size(), 1U);
  EXPECT_THAT(exceptions[0].text, testing::StartsWith("The factor does not fit"));
}

TEST_F(FactorTest, AFactorBelowZeroAndOneThatDoesNotFitAreBothToldOf) {
  grid.volumes[0].energy_wh[0] = 1;
  grid.group_take(1, 2'000'000'000);
  grid.group_take(5, -1);
  const auto settlement = grid.settle();
  ASSERT_TRUE(settlement.held);
  EXPECT_THAT(*settlement.held, testing::HasSubstr("is below 0 in settlement periods 5."));
  EXPECT_THAT(*settlement.held, testing::HasSubstr("both are 1, in settlement periods 1."));
}

/// Great volumes whose weights cancel out but for a little: a factor that fits its field makes
/// volumes that fit nothing.
TEST(CorrectionTest, AFactorThatMakesVolumesOutOfRangeHoldsTheRun) {
  constexpr WattHours great = 1'000'000'000'000'000;
  SettleCase grid;
  grid.classes(101, "W", "AI", "S", 999, 1'000);
  grid.line_losses("1", 1);  // losses of -0.999 of the volume
  grid.line_losses("2", 1'000);
  grid.volume(great);
  grid.volume(1, "AI", "2");
  grid.group_take(great / 1'000 + 1 + 1'000'000'000);
  const auto settlement = grid.settle();
  EXPECT_FALSE(settlement.refused);
  ASSERT_TRUE(settlement.held);
  EXPECT_THAT(*settlement.held, testing::HasSubstr("in settlement periods 1-48."));
  EXPECT_EQ(settlement.components[0].corrected_wh[0], great + 1);
  EXPECT_EQ(settlement.residual_wh[0], 1'000'000'000);
  EXPECT_EQ(exceptions_of(settlement, "factor_too_large").at(0).text,
            "What the corrected volumes add up to does not fit 64 bits (error 1000.000000 MWh, "
            "weighted volume 0.00000999 MWh), so both factors are 1 and the error stays "
            "unallocated.");
}

}  // namespace
}  // namespace hhgrid::core
