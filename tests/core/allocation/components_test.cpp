#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/assertion.hpp"
#include "tests/core/allocation/settle_case.hpp"

namespace hhgrid::core {
namespace {

using testing::HasSubstr;

/// Whole-current smart import (classes 101, 102) and export (201, 202) with line losses of 1.078.
class ComponentsTest : public testing::Test {
 protected:
  ComponentsTest() {
    grid.classes(101, "W", "AI", "S", 100, 100);
    grid.classes(201, "W", "AE", "S", 100, 100);
    grid.line_losses("1", 1'078);
    grid.group_take(1'000);
  }
  SettleCase grid;
};

TEST_F(ComponentsTest, AVolumeMakesAConsumptionAndALossesComponent) {
  grid.volume(1'000).msid_count = 7;
  const auto settlement = grid.settle();
  ASSERT_EQ(settlement.components.size(), 2U);
  const auto& consumption = settlement.components[0];
  const auto& losses = settlement.components[1];
  EXPECT_EQ(consumption.ccc_id, 101);
  EXPECT_EQ(consumption.indicator, Indicator::consumption);
  EXPECT_EQ(consumption.bmu.view(), "2__CSUPA000");
  EXPECT_EQ(consumption.uncorrected_wh[0], 1'000);
  EXPECT_EQ(losses.ccc_id, 102);
  EXPECT_EQ(losses.indicator, Indicator::losses);
  EXPECT_EQ(losses.uncorrected_wh[47], 78);
  EXPECT_EQ(consumption.msid_count, 7U);
  EXPECT_EQ(losses.msid_count, 7U);
}

TEST_F(ComponentsTest, VolumesOfTheSameUnitAndClassAreAdded) {
  for (int i = 0; i < 3; ++i) {
    auto& volume = grid.volume(1'000);
    volume.actual_wh[0] = 600;
    volume.defaulted_wh[0] = 400;
  }
  const auto settlement = grid.settle();
  ASSERT_EQ(settlement.components.size(), 2U);
  EXPECT_EQ(settlement.components[0].uncorrected_wh[0], 3'000);
  EXPECT_EQ(settlement.components[0].actual_wh[0], 1'800);
  EXPECT_EQ(settlement.components[0].defaulted_wh[0], 1'200);
  EXPECT_EQ(settlement.components[0].msid_count, 3U);
  EXPECT_EQ(settlement.components[1].actual_wh[0], 0);
  EXPECT_EQ(settlement.components[1].defaulted_wh[0], 0);
}

TEST_F(ComponentsTest, LossesAreRoundedOnceOverAllClassesOfTheUnit) {
  grid.line_losses("2", 1'001);
  grid.line_losses("3", 1'001);
  grid.volume(300, "AI", "2");
  grid.volume(300, "AI", "3");
  // 0.3 + 0.3 Wh; rounded one by one they would vanish.
  EXPECT_EQ(grid.settle().components[1].uncorrected_wh[0], 1);
}

TEST_F(ComponentsTest, FactorsBelowOneMakeNegativeLosses) {
  grid.line_losses("716", 984);
  grid.volume(1'000, "AI", "716");
  EXPECT_EQ(grid.settle().components[1].uncorrected_wh[0], -16);
}

TEST_F(ComponentsTest, VolumesOfZeroStillMakeComponents) {
  grid.volume(0).msid_count = 0;
  const auto settlement = grid.settle();
  ASSERT_EQ(settlement.components.size(), 2U);
  ASSERT_EQ(settlement.bmus.size(), 1U);
  EXPECT_EQ(settlement.components[0].msid_count, 0U);
}

TEST_F(ComponentsTest, ReactiveVolumesAreIgnored) {
  grid.volume(500, "RI");
  auto& unknown_supplier = grid.volume(500, "RE");
  unknown_supplier.terms.supplier = SupplierId::parse("NONE").value();
  const auto settlement = grid.settle();
  EXPECT_FALSE(settlement.refused);
  EXPECT_TRUE(settlement.components.empty());
}

TEST_F(ComponentsTest, ComponentsAreSortedBySupplierUnitAndClass) {
  grid.unit("SUPA", "2__CSUPA001");
  grid.default_unit("SUPB");
  grid.volume(1).terms.supplier = SupplierId::parse("SUPB").value();
  grid.volume(1, "AE");
  grid.volume(1).terms.bmu = BmuId::parse("2__CSUPA001").value();
  grid.volume(1);
  std::vector<std::string> order;
  for (const auto& component : grid.settle().components) {
    order.push_back(component.bmu.to_string() + "/" + std::to_string(component.ccc_id));
  }
  EXPECT_THAT(order, testing::ElementsAre("2__CSUPA000/101", "2__CSUPA000/102", "2__CSUPA000/201",
                                          "2__CSUPA000/202", "2__CSUPA001/101", "2__CSUPA001/102",
                                          "2__CSUPB000/101", "2__CSUPB000/102"));
}

// -- BM units -----------------------------------------------------------------

TEST_F(ComponentsTest, ABlankUnitIsTheDefaultUnitWithoutException) {
  grid.volume(1'000);
  EXPECT_TRUE(exceptions_of(grid.settle(), "bmu_default").empty());
}

TEST_F(ComponentsTest, AnInvalidUnitsVolumeGoesToTheDefaultUnitWithOneException) {
  grid.volume(1'000).terms.bmu = BmuId::parse("2__CGONE001").value();
  grid.volume(500).terms.bmu = BmuId::parse("2__CGONE001").value();
  const auto settlement = grid.settle();
  EXPECT_EQ(settlement.components[0].bmu.view(), "2__CSUPA000");
  EXPECT_EQ(settlement.components[0].uncorrected_wh[0], 1'500);
  const auto exceptions = exceptions_of(settlement, "bmu_default");
  ASSERT_EQ(exceptions.size(), 1U);
  EXPECT_EQ(exceptions[0].subject, "2__CGONE001");
  EXPECT_EQ(exceptions[0].period, 0);
  EXPECT_EQ(exceptions[0].text,
            "The BM unit is not valid for supplier SUPA in _C on 2024-10-04; its volumes go to the "
            "default unit 2__CSUPA000.");
}

TEST_F(ComponentsTest, AnotherSuppliersUnitIsNotValid) {
  grid.default_unit("SUPB");
  grid.volume(1'000).terms.bmu = BmuId::parse("2__CSUPB000").value();
  const auto settlement = grid.settle();
  EXPECT_EQ(settlement.components[0].bmu.view(), "2__CSUPA000");
  EXPECT_EQ(exceptions_of(settlement, "bmu_default").size(), 1U);
}

TEST_F(ComponentsTest, ASupplierWithoutDefaultUnitIsRefused) {
  grid.volume(1'000).terms.supplier = SupplierId::parse("SUPB").value();
  const auto settlement = grid.settle();
  ASSERT_TRUE(settlement.refused);
  EXPECT_EQ(*settlement.refused, "Supplier SUPB has no default BM unit in _C on 2024-10-04.");
  EXPECT_TRUE(settlement.components.empty());
  EXPECT_TRUE(settlement.bmus.empty());
}

TEST_F(ComponentsTest, AValidUnitNeedsNoDefaultUnit) {
  grid.unit("SUPB", "2__CSUPB001");
  auto& volume = grid.volume(1'000);
  volume.terms.supplier = SupplierId::parse("SUPB").value();
  volume.terms.bmu = BmuId::parse("2__CSUPB001").value();
  EXPECT_FALSE(grid.settle().refused);
}

// -- classes ------------------------------------------------------------------

TEST_F(ComponentsTest, AMissingClassIsRefusedAndNamed) {
  grid.volume(1'000).terms.connection = ConnectionType::high_voltage;
  const auto settlement = grid.settle();
  ASSERT_TRUE(settlement.refused);
  for (const auto* part :
       {"connection type H, quantity AI, segment S, indicator C on 2024-10-04",
        "connection type H, quantity AI, segment S, indicator L on 2024-10-04"}) {
    EXPECT_THAT(*settlement.refused, HasSubstr(part));
  }
}

// -- line losses --------------------------------------------------------------

TEST_F(ComponentsTest, MissingFactorsAreOneExceptionPerClassThatNamesPeriodsAndValues) {
  LineLossDay earlier{};
  for (std::size_t i = 0; i < 14; ++i) earlier[i] = 1'050;
  grid.standing.put_line_losses(12, LlfcId::parse("9").value(), SettleCase::day - 1, earlier);
  grid.volume(1'000, "AI", "9");
  grid.volume(1'000, "AE", "9");
  const auto settlement = grid.settle();
  EXPECT_EQ(settlement.components[1].uncorrected_wh[13], 50);
  EXPECT_EQ(settlement.components[1].uncorrected_wh[14], 0);
  const auto exceptions = exceptions_of(settlement, "llf_default");
  ASSERT_EQ(exceptions.size(), 1U);
  EXPECT_EQ(exceptions[0].subject, "12/009");
  EXPECT_EQ(exceptions[0].period, 0);
  EXPECT_EQ(exceptions[0].text,
            "No line loss factor for 2024-10-04: periods 1-14 take 1.050 of 2024-10-03; periods "
            "15-48 take 1.000.");
}

TEST_F(ComponentsTest, AGivenFactorIsNoException) {
  grid.volume(1'000);
  EXPECT_TRUE(exceptions_of(grid.settle(), "llf_default").empty());
}

TEST(ComponentsOfClockChangesTest, All50PeriodsOfTheAutumnChangeAreSettled) {
  SettleCase grid(50);
  grid.classes(101, "W", "AI", "S", 100, 100);
  grid.line_losses("1", 1'078);
  grid.group_take(1'000);
  grid.volume(1'000);
  const auto settlement = grid.settle();
  EXPECT_EQ(settlement.period_count, 50);
  EXPECT_EQ(settlement.components[1].uncorrected_wh[49], 78);
}

TEST(ComponentsOfClockChangesTest, EnergyAfterTheLastPeriodBreaksAnInvariant) {
  SettleCase grid(46);
  grid.classes(101, "W", "AI", "S", 100, 100);
  grid.volume(1'000).energy_wh[46] = 1;
  EXPECT_THROW(grid.settle(), BrokenInvariant);
}

TEST_F(ComponentsTest, AVolumeOfAnotherGroupBreaksAnInvariant) {
  grid.volume(1'000).terms.gsp_group = GspGroup::parse("_D").value();
  EXPECT_THROW(grid.settle(), BrokenInvariant);
}

}  // namespace
}  // namespace hhgrid::core
