#include "core/standing_data.hpp"

#include <gtest/gtest.h>

#include "core/assertion.hpp"

namespace hhgrid::core {
namespace {

constexpr SettlementDay day{20'000};

SupplierId supplier(std::string_view text) { return SupplierId::parse(text).value(); }
GspGroup group(std::string_view text) { return GspGroup::parse(text).value(); }
BmuId bmu(std::string_view text) { return BmuId::parse(text).value(); }

Bmu unit(std::string_view id, bool default_unit, SettlementDay from,
         SettlementDay to = open_ended) {
  return {bmu(id), supplier("SUPA"), group("_C"), default_unit, {from, to}};
}

ComponentClass component_class(std::uint16_t id, int weight, SettlementDay from,
                               SettlementDay to = open_ended) {
  return {id,
          ConnectionType::whole_current,
          MeasurementQuantity::active_import,
          MarketSegment::smart,
          Indicator::consumption,
          weight,
          {from, to}};
}

const ComponentClass* find_class(const StandingData& standing, SettlementDay on) {
  return standing.component_class(ConnectionType::whole_current, MeasurementQuantity::active_import,
                                  MarketSegment::smart, Indicator::consumption, on);
}

LineLossDay factors(std::uint16_t all) {
  LineLossDay day_factors;
  day_factors.fill(all);
  return day_factors;
}

// -- BM units -----------------------------------------------------------------

TEST(StandingDataTest, AUnitIsValidFromItsFirstToItsLastDayInclusive) {
  StandingData standing;
  standing.put(unit("2__CSUPA001", false, day, day + 2));
  const auto valid = [&](SettlementDay on) {
    return standing.valid_bmu(bmu("2__CSUPA001"), supplier("SUPA"), group("_C"), on) != nullptr;
  };
  EXPECT_FALSE(valid(day - 1));
  EXPECT_TRUE(valid(day));
  EXPECT_TRUE(valid(day + 2));
  EXPECT_FALSE(valid(day + 3));
}

TEST(StandingDataTest, AUnitIsValidOnlyForItsSupplierAndGroup) {
  StandingData standing;
  standing.put(unit("2__CSUPA001", false, day));
  EXPECT_FALSE(standing.valid_bmu(bmu("2__CSUPA001"), supplier("SUPB"), group("_C"), day));
  EXPECT_FALSE(standing.valid_bmu(bmu("2__CSUPA001"), supplier("SUPA"), group("_D"), day));
  EXPECT_FALSE(standing.valid_bmu(bmu("2__CSUPA002"), supplier("SUPA"), group("_C"), day));
}

TEST(StandingDataTest, TheDefaultUnitIsTheOneMarkedSoOnThatDay) {
  StandingData standing;
  standing.put(unit("2__CSUPA001", false, day));
  standing.put(unit("2__CSUPA000", true, day));
  const auto* found = standing.default_bmu(supplier("SUPA"), group("_C"), day);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->id, bmu("2__CSUPA000"));
  EXPECT_EQ(standing.default_bmu(supplier("SUPA"), group("_C"), day - 1), nullptr);
  EXPECT_EQ(standing.default_bmu(supplier("SUPB"), group("_C"), day), nullptr);
}

TEST(StandingDataTest, ALaterRowOfAUnitTakesItsDefaultMarkAway) {
  StandingData standing;
  standing.put(unit("2__CSUPA000", true, day));
  standing.put(unit("2__CSUPA000", false, day + 10));
  EXPECT_NE(standing.default_bmu(supplier("SUPA"), group("_C"), day + 9), nullptr);
  EXPECT_EQ(standing.default_bmu(supplier("SUPA"), group("_C"), day + 10), nullptr);
}

TEST(StandingDataTest, OfSeveralDefaultUnitsTheLatestCounts) {
  StandingData standing;
  standing.put(unit("2__CSUPA000", true, day));
  standing.put(unit("2__CSUPA001", true, day + 5));
  standing.put(unit("2__CSUPA002", true, day + 1));
  EXPECT_EQ(standing.default_bmu(supplier("SUPA"), group("_C"), day + 5)->id, bmu("2__CSUPA001"));
  EXPECT_EQ(standing.default_bmu(supplier("SUPA"), group("_C"), day + 4)->id, bmu("2__CSUPA002"));
}

TEST(StandingDataTest, OfDefaultUnitsFromTheSameDayTheSmallestIdCountsWhateverTheOrder) {
  for (const bool reversed : {false, true}) {
    StandingData standing;
    standing.put(unit(reversed ? "2__CSUPA005" : "2__CSUPA003", true, day));
    standing.put(unit(reversed ? "2__CSUPA003" : "2__CSUPA005", true, day));
    EXPECT_EQ(standing.default_bmu(supplier("SUPA"), group("_C"), day)->id, bmu("2__CSUPA003"));
  }
}

TEST(StandingDataTest, ARowWithTheSameIdentityReplacesTheEarlierOne) {
  StandingData standing;
  standing.put(unit("2__CSUPA000", true, day));
  standing.put(unit("2__CSUPA000", true, day, day + 1));
  EXPECT_EQ(standing.default_bmu(supplier("SUPA"), group("_C"), day + 2), nullptr);
}

// -- classes ------------------------------------------------------------------

TEST(StandingDataTest, OfSeveralClassesTheLatestInForceCounts) {
  StandingData standing;
  standing.put(component_class(101, 150, day + 5));
  standing.put(component_class(100, 100, day));
  EXPECT_EQ(find_class(standing, day - 1), nullptr);
  EXPECT_EQ(find_class(standing, day + 4)->ccc_id, 100);
  EXPECT_EQ(find_class(standing, day + 5)->weight_hundredths, 150);
}

TEST(StandingDataTest, AClassIsNotFoundUnderOtherKeys) {
  StandingData standing;
  standing.put(component_class(101, 150, day));
  EXPECT_EQ(
      standing.component_class(ConnectionType::whole_current, MeasurementQuantity::active_import,
                               MarketSegment::smart, Indicator::losses, day),
      nullptr);
  EXPECT_EQ(
      standing.component_class(ConnectionType::whole_current, MeasurementQuantity::active_export,
                               MarketSegment::smart, Indicator::consumption, day),
      nullptr);
}

TEST(StandingDataTest, AClassRowIsReplacedByItsIdAndFirstDay) {
  StandingData standing;
  standing.put(component_class(101, 150, day));
  standing.put(component_class(101, 130, day));
  EXPECT_EQ(find_class(standing, day)->weight_hundredths, 130);
}

// -- line losses --------------------------------------------------------------

TEST(StandingDataTest, TheDaysOwnLineLossFactorIsNotADefault) {
  StandingData standing;
  const auto llfc = LlfcId::parse("1").value();
  standing.put_line_losses(12, llfc, day, factors(1078));
  EXPECT_EQ(standing.line_loss(12, llfc, day, 50), (LineLossFactor{1078, false, std::nullopt}));
}

TEST(StandingDataTest, AMissingFactorIsTheLatestEarlierDaysOfThatPeriod) {
  StandingData standing;
  const auto llfc = LlfcId::parse("1").value();
  standing.put_line_losses(12, llfc, day - 5, factors(1050));
  auto only_period_3 = factors(0);
  only_period_3[2] = 1099;
  standing.put_line_losses(12, llfc, day - 1, only_period_3);
  standing.put_line_losses(12, llfc, day + 1, factors(1011));
  EXPECT_EQ(standing.line_loss(12, llfc, day, 3), (LineLossFactor{1099, true, day - 1}));
  EXPECT_EQ(standing.line_loss(12, llfc, day, 4), (LineLossFactor{1050, true, day - 5}));
}

TEST(StandingDataTest, FactorsOlderThan366DaysAreNotUsed) {
  StandingData standing;
  const auto llfc = LlfcId::parse("1").value();
  standing.put_line_losses(12, llfc, day, factors(1050));
  EXPECT_EQ(standing.line_loss(12, llfc, day + 366, 1).thousandths, 1050);
  EXPECT_EQ(standing.line_loss(12, llfc, day + 367, 1), (LineLossFactor{1000, true, std::nullopt}));
}

TEST(StandingDataTest, AnUnknownClassOrDistributorLosesNothing) {
  StandingData standing;
  const auto llfc = LlfcId::parse("1").value();
  standing.put_line_losses(12, llfc, day, factors(1050));
  EXPECT_EQ(standing.line_loss(13, llfc, day, 1), (LineLossFactor{1000, true, std::nullopt}));
  EXPECT_EQ(standing.line_loss(12, LlfcId::parse("2").value(), day, 1).thousandths, 1000);
}

TEST(StandingDataTest, LineLossesOfADayMergePeriodByPeriod) {
  StandingData standing;
  const auto llfc = LlfcId::parse("1").value();
  standing.put_line_losses(12, llfc, day, factors(1050));
  auto correction = factors(0);
  correction[47] = 1051;
  standing.put_line_losses(12, llfc, day, correction);
  const auto of_day = standing.line_losses(12, llfc, day, 48);
  ASSERT_EQ(of_day.size(), 48U);
  EXPECT_EQ(of_day[46].thousandths, 1050);
  EXPECT_EQ(of_day[47].thousandths, 1051);
}

TEST(StandingDataTest, PeriodsThatNoDayHasBreakAnInvariant) {
  const StandingData standing;
  EXPECT_THROW(standing.line_loss(12, LlfcId(), day, 0), BrokenInvariant);
  EXPECT_THROW(standing.line_loss(12, LlfcId(), day, 51), BrokenInvariant);
}

// -- Group Takes, run dates, shapes, holidays ---------------------------------

TEST(StandingDataTest, GroupTakesMergePeriodByPeriod) {
  StandingData standing;
  EXPECT_EQ(standing.group_take(group("_C"), day), nullptr);
  GroupTakeDay first, second;
  first.present[0] = first.present[1] = first.estimated[1] = true;
  first.energy_wh[0] = 10;
  first.energy_wh[1] = 20;
  second.present[1] = true;
  second.energy_wh[1] = 21;
  second.energy_wh[2] = 99;  // not present
  standing.put_group_take(group("_C"), day, first);
  standing.put_group_take(group("_C"), day, second);
  const auto* take = standing.group_take(group("_C"), day);
  ASSERT_NE(take, nullptr);
  EXPECT_EQ(take->present.count(), 2U);
  EXPECT_EQ(take->energy_wh[0], 10);
  EXPECT_EQ(take->energy_wh[1], 21);
  EXPECT_EQ(take->energy_wh[2], 0);
  EXPECT_FALSE(take->estimated[1]);
  EXPECT_EQ(standing.group_take(group("_D"), day), nullptr);
}

TEST(StandingDataTest, ARunDateIsFoundByDayAndCode) {
  StandingData standing;
  standing.put_run_date(day, SettlementCode::sf, {{1'000}, 20'030});
  ASSERT_TRUE(standing.run_date(day, SettlementCode::sf));
  EXPECT_EQ(standing.run_date(day, SettlementCode::sf)->run_day, 20'030);
  EXPECT_FALSE(standing.run_date(day, SettlementCode::ii));
  EXPECT_FALSE(standing.run_date(day + 1, SettlementCode::sf));
}

TEST(StandingDataTest, ADefaultShapeWithTheSameKeyFieldsReplacesTheEarlierOne) {
  StandingData standing;
  DefaultShapeRow row;
  row.domestic = true;
  row.energy_wh[0] = 1;
  standing.put(row);
  row.energy_wh[0] = 2;
  standing.put(row);
  row.domestic.reset();
  standing.put(row);
  ASSERT_EQ(standing.default_shapes().size(), 2U);
  EXPECT_EQ(standing.default_shapes()[0].energy_wh[0], 2);
}

TEST(StandingDataTest, BankHolidaysAreASet) {
  StandingData standing;
  standing.put_bank_holiday(20'001);
  standing.put_bank_holiday(20'001);
  EXPECT_EQ(standing.bank_holidays(), std::set<std::int32_t>{20'001});
}

}  // namespace
}  // namespace hhgrid::core
