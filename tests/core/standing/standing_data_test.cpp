#include "core/standing/standing_data.hpp"

#include <gtest/gtest.h>

#include "core/assertion.hpp"

namespace hhgrid::core {
namespace {

constexpr SettlementDay today{20'000};

SupplierId supplier(std::string_view text) { return SupplierId::parse(text).value(); }
GspGroup gsp_group(std::string_view text) { return GspGroup::parse(text).value(); }
BmuId bmu(std::string_view text) { return BmuId::parse(text).value(); }

Bmu unit(std::string_view id, bool default_unit, SettlementDay from,
         SettlementDay to = open_ended) {
  return {bmu(id), supplier("SUPA"), gsp_group("_C"), default_unit, {from, to}};
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
  standing.put(unit("2__CSUPA001", false, today, today + 2));
  const auto valid = [&](SettlementDay on) {
    return standing.valid_bmu(bmu("2__CSUPA001"), supplier("SUPA"), gsp_group("_C"), on) != nullptr;
  };
  EXPECT_FALSE(valid(today - 1));
  EXPECT_TRUE(valid(today));
  EXPECT_TRUE(valid(today + 2));
  EXPECT_FALSE(valid(today + 3));
}

TEST(StandingDataTest, AUnitIsValidOnlyForItsSupplierAndGroup) {
  StandingData standing;
  standing.put(unit("2__CSUPA001", false, today));
  EXPECT_FALSE(standing.valid_bmu(bmu("2__CSUPA001"), supplier("SUPB"), gsp_group("_C"), today));
  EXPECT_FALSE(standing.valid_bmu(bmu("2__CSUPA001"), supplier("SUPA"), gsp_group("_D"), today));
  EXPECT_FALSE(standing.valid_bmu(bmu("2__CSUPA002"), supplier("SUPA"), gsp_group("_C"), today));
}

TEST(StandingDataTest, TheDefaultUnitIsTheOneMarkedSoOnThatDay) {
  StandingData standing;
  standing.put(unit("2__CSUPA001", false, today));
  standing.put(unit("2__CSUPA000", true, today));
  const auto* found = standing.default_bmu(supplier("SUPA"), gsp_group("_C"), today);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->id, bmu("2__CSUPA000"));
  EXPECT_EQ(standing.default_bmu(supplier("SUPA"), gsp_group("_C"), today - 1), nullptr);
  EXPECT_EQ(standing.default_bmu(supplier("SUPB"), gsp_group("_C"), today), nullptr);
}

TEST(StandingDataTest, ALaterRowOfAUnitTakesItsDefaultMarkAway) {
  StandingData standing;
  standing.put(unit("2__CSUPA000", true, today));
  standing.put(unit("2__CSUPA000", false, today + 10));
  EXPECT_NE(standing.default_bmu(supplier("SUPA"), gsp_group("_C"), today + 9), nullptr);
  EXPECT_EQ(standing.default_bmu(supplier("SUPA"), gsp_group("_C"), today + 10), nullptr);
}

TEST(StandingDataTest, OfSeveralDefaultUnitsTheLatestCounts) {
  StandingData standing;
  standing.put(unit("2__CSUPA000", true, today));
  standing.put(unit("2__CSUPA001", true, today + 5));
  standing.put(unit("2__CSUPA002", true, today + 1));
  EXPECT_EQ(standing.default_bmu(supplier("SUPA"), gsp_group("_C"), today + 5)->id,
            bmu("2__CSUPA001"));
  EXPECT_EQ(standing.default_bmu(supplier("SUPA"), gsp_group("_C"), today + 4)->id,
            bmu("2__CSUPA002"));
}

TEST(StandingDataTest, OfDefaultUnitsFromTheSameDayTheSmallestIdCountsWhateverTheOrder) {
  for (const bool reversed : {false, true}) {
    StandingData standing;
    standing.put(unit(reversed ? "2__CSUPA005" : "2__CSUPA003", true, today));
    standing.put(unit(reversed ? "2__CSUPA003" : "2__CSUPA005", true, today));
    EXPECT_EQ(standing.default_bmu(supplier("SUPA"), gsp_group("_C"), today)->id,
              bmu("2__CSUPA003"));
  }
}

TEST(StandingDataTest, ARowWithTheSameIdentityReplacesTheEarlierOne) {
  StandingData standing;
  standing.put(unit("2__CSUPA000", true, today));
  standing.put(unit("2__CSUPA000", true, today, today + 1));
  EXPECT_EQ(standing.default_bmu(supplier("SUPA"), gsp_group("_C"), today + 2), nullptr);
}

// -- classes ------------------------------------------------------------------

TEST(StandingDataTest, OfSeveralClassesTheLatestInForceCounts) {
  StandingData standing;
  standing.put(component_class(101, 150, today + 5));
  standing.put(component_class(100, 100, today));
  EXPECT_EQ(find_class(standing, today - 1), nullptr);
  EXPECT_EQ(find_class(standing, today + 4)->ccc_id, 100);
  EXPECT_EQ(find_class(standing, today + 5)->weight_hundredths, 150);
}

TEST(StandingDataTest, AClassIsNotFoundUnderOtherKeys) {
  StandingData standing;
  standing.put(component_class(101, 150, today));
  EXPECT_EQ(
      standing.component_class(ConnectionType::whole_current, MeasurementQuantity::active_import,
                               MarketSegment::smart, Indicator::losses, today),
      nullptr);
  EXPECT_EQ(
      standing.component_class(ConnectionType::whole_current, MeasurementQuantity::active_export,
                               MarketSegment::smart, Indicator::consumption, today),
      nullptr);
}

TEST(StandingDataTest, AClassRowIsReplacedByItsIdAndFirstDay) {
  StandingData standing;
  standing.put(component_class(101, 150, today));
  standing.put(component_class(101, 130, today));
  EXPECT_EQ(find_class(standing, today)->weight_hundredths, 130);
}

// -- line losses --------------------------------------------------------------

LineLossFactor line_loss(const StandingData& standing, std::uint8_t distributor, const LlfcId& llfc,
                         SettlementDay day, int period) {
  return standing.line_losses(distributor, llfc, day, period).back();
}

TEST(StandingDataTest, TheDaysOwnLineLossFactorIsNotADefault) {
  StandingData standing;
  const auto llfc = LlfcId::parse("1").value();
  standing.put_line_losses(12, llfc, today, factors(1078));
  EXPECT_EQ(line_loss(standing, 12, llfc, today, 50), (LineLossFactor{1078, false, std::nullopt}));
}

TEST(StandingDataTest, AMissingFactorIsTheLatestEarlierDaysOfThatPeriod) {
  StandingData standing;
  const auto llfc = LlfcId::parse("1").value();
  standing.put_line_losses(12, llfc, today - 5, factors(1050));
  auto only_period_3 = factors(0);
  only_period_3[2] = 1099;
  standing.put_line_losses(12, llfc, today - 1, only_period_3);
  standing.put_line_losses(12, llfc, today + 1, factors(1011));
  EXPECT_EQ(line_loss(standing, 12, llfc, today, 3), (LineLossFactor{1099, true, today - 1}));
  EXPECT_EQ(line_loss(standing, 12, llfc, today, 4), (LineLossFactor{1050, true, today - 5}));
}

TEST(StandingDataTest, FactorsOlderThan366DaysAreNotUsed) {
  StandingData standing;
  const auto llfc = LlfcId::parse("1").value();
  standing.put_line_losses(12, llfc, today, factors(1050));
  EXPECT_EQ(line_loss(standing, 12, llfc, today + 366, 1).thousandths, 1050);
  EXPECT_EQ(line_loss(standing, 12, llfc, today + 367, 1),
            (LineLossFactor{1000, true, std::nullopt}));
}

TEST(StandingDataTest, AnUnknownClassOrDistributorLosesNothing) {
  StandingData standing;
  const auto llfc = LlfcId::parse("1").value();
  standing.put_line_losses(12, llfc, today, factors(1050));
  EXPECT_EQ(line_loss(standing, 13, llfc, today, 1), (LineLossFactor{1000, true, std::nullopt}));
  EXPECT_EQ(line_loss(standing, 12, LlfcId::parse("2").value(), today, 1).thousandths, 1000);
}

TEST(StandingDataTest, LineLossesOfADayMergePeriodByPeriod) {
  StandingData standing;
  const auto llfc = LlfcId::parse("1").value();
  standing.put_line_losses(12, llfc, today, factors(1050));
  auto correction = factors(0);
  correction[47] = 1051;
  standing.put_line_losses(12, llfc, today, correction);
  const auto of_day = standing.line_losses(12, llfc, today, 48);
  ASSERT_EQ(of_day.size(), 48U);
  EXPECT_EQ(of_day[46].thousandths, 1050);
  EXPECT_EQ(of_day[47].thousandths, 1051);
}

TEST(StandingDataTest, PeriodsThatNoDayHasBreakAnInvariant) {
  const StandingData standing;
  EXPECT_THROW(standing.line_losses(12, LlfcId(), today, -1), BrokenInvariant);
  EXPECT_THROW(standing.line_losses(12, LlfcId(), today, 51), BrokenInvariant);
}

// -- Group Takes, run dates, shapes, holidays ---------------------------------

TEST(StandingDataTest, GroupTakesMergePeriodByPeriod) {
  StandingData standing;
  EXPECT_EQ(standing.group_take(gsp_group("_C"), today), nullptr);
  GroupTakeDay first, second;
  first.present[0] = first.present[1] = first.estimated[1] = true;
  first.energy_wh[0] = 10;
  first.energy_wh[1] = 20;
  second.present[1] = true;
  second.energy_wh[1] = 21;
  second.energy_wh[2] = 99;  // not present
  standing.put_group_take(gsp_group("_C"), today, first);
  standing.put_group_take(gsp_group("_C"), today, second);
  const auto* take = standing.group_take(gsp_group("_C"), today);
  ASSERT_NE(take, nullptr);
  EXPECT_EQ(take->present.count(), 2U);
  EXPECT_EQ(take->energy_wh[0], 10);
  EXPECT_EQ(take->energy_wh[1], 21);
  EXPECT_EQ(take->energy_wh[2], 0);
  EXPECT_FALSE(take->estimated[1]);
  EXPECT_EQ(standing.group_take(gsp_group("_D"), today), nullptr);
}

TEST(StandingDataTest, ARunDateIsFoundByDayAndCode) {
  StandingData standing;
  standing.put_run_date(today, SettlementCode::sf, {{1'000}, 20'030});
  ASSERT_TRUE(standing.run_date(today, SettlementCode::sf));
  EXPECT_EQ(standing.run_date(today, SettlementCode::sf)->run_day, 20'030);
  EXPECT_FALSE(standing.run_date(today, SettlementCode::ii));
  EXPECT_FALSE(standing.run_date(today + 1, SettlementCode::sf));
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
