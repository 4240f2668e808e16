#include "tests/actors/query/inspection_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

TEST(InspectMeter, UnknownMetersHaveNoStateInTheGrid) {
  FoldGrid grid;
  const auto error = inspect_error(grid, "meter/" + meter.to_string());
  EXPECT_EQ(error.code, storage::Errc::unknown);
  EXPECT_EQ(error.text, "meter " + meter.to_string() + " has no state in this grid");
}

TEST(InspectMeter, ADayOutsideTheCalendarIsRefused) {
  FoldGrid grid;
  register_meter(grid);
  EXPECT_EQ(inspect_error(grid, "meter/" + meter.to_string(), -1'000'000).code,
            storage::Errc::unknown);
  EXPECT_EQ(inspect_error(grid, "meter/" + meter.to_string(), 1'000'000).code,
            storage::Errc::unknown);
}

TEST(InspectMeter, TellsWhereItLivesAndWhatItIs) {
  FoldGrid grid;
  register_meter(grid);
  const Json told = inspect(grid, meter);
  EXPECT_EQ(told.at("address"), "meter/" + meter.to_string());
  EXPECT_EQ(told.at("partition"), grid.owner(meter));
  EXPECT_EQ(told.at("number"), 0);
  EXPECT_TRUE(told.at("utc_day").is_null());
  EXPECT_FALSE(told.contains("quantities"));
}

// -- registrations ------------------------------------------------------------------------------

TEST(InspectMeter, SpellsOutTheTermsOfARegistration) {
  FoldGrid grid;
  register_meter(grid, meter, 0b0100101);
  const Json version = inspect(grid, meter).at("registrations").at("items").at(0);
  EXPECT_EQ(version.at("effective_from"), "2012-01-01");
  EXPECT_TRUE(version.at("effective_to").is_null());
  EXPECT_EQ(version.at("direction"), "I");
  EXPECT_EQ(version.at("gsp_group_id"), "_C");
  EXPECT_EQ(version.at("distributor_id"), "20");
  EXPECT_EQ(version.at("supplier_id"), "SUPA");
  EXPECT_EQ(version.at("bmu_id"), "2__XOTHER01");
  EXPECT_EQ(version.at("llfc_id"), "001");
  EXPECT_EQ(version.at("market_segment"), "A");
  EXPECT_EQ(version.at("connection_type"), "W");
  EXPECT_EQ(version.at("domestic"), true);
  EXPECT_EQ(version.at("energisation"), "E");
  EXPECT_EQ(version.at("position"), "1.0");
  EXPECT_EQ(version.at("received_at"), "2013-01-16T08:00:00Z");
  EXPECT_EQ(version.at("source"), "test");
}

TEST(InspectMeter, SaysWhichRegistrationGovernsTheDayAndWhichIsSuperseded) {
  FoldGrid grid;
  register_meter(grid, meter, 0);
  grid.append(meter, monday, registration_entry(meter, day_1, core::open_ended, terms_variant(2)));
  grid.append(meter, tuesday, registration_entry(meter, day_1, day_1, terms_variant(6)));
  const Json versions = inspect(grid, meter, day_1_text).at("registrations").at("items");
  ASSERT_EQ(versions.size(), 3u);
  EXPECT_EQ(versions[0].at("position"), "3.0") << "the newest stands first";
  EXPECT_EQ(versions[0].at("governs"), Json::array({"2013-01-15"}));
  EXPECT_EQ(versions[0].at("superseded"), false);
  EXPECT_EQ(versions[1].at("superseded"), true);
  EXPECT_EQ(versions[1].at("governs"), Json::array());
  EXPECT_EQ(versions[2].at("superseded"), false);
  const Json next = inspect(grid, meter, "2013-01-16").at("registrations").at("items");
  EXPECT_EQ(next[2].at("governs"), Json::array({"2013-01-16"}))
      << "the superseding version ends with the day before";
}

TEST(InspectMeter, ShowsTheLatestFiftyOfALongList) {
  FoldGrid grid;
  register_meter(grid);
  for (int i = 0; i < 60; ++i)
    grid.append(meter, tuesday, annual_consumption_entry(meter, long_ago + i, 1'000'000 + i));
  const Json annual = inspect(grid, meter).at("annual_consumption");
  EXPECT_EQ(annual.at("items").size(), 50u);
  EXPECT_EQ(annual.at("more"), 10);
  EXPECT_EQ(annual.at("items").at(0).at("kwh"), "1000.059");
  EXPECT_EQ(annual.at("items").at(0).at("quality"), "1");
  EXPECT_EQ(annual.at("items").at(0).at("effective_from"), "2012-02-29");
}

TEST(InspectMeter, ShowsItsRegisters) {
  FoldGrid grid;
  register_meter(grid);
  grid.append(meter, tuesday, meter_register_entry(meter, {1'357'000'000'000}, 12'500));
  const Json registers = inspect(grid, meter).at("registers").at("items");
  ASSERT_EQ(registers.size(), 1u);
  EXPECT_EQ(registers[0].at("meter_id"), "M1");
  EXPECT_EQ(registers[0].at("measurement_quantity"), "AI");
  EXPECT_EQ(registers[0].at("role"), "main");
  EXPECT_EQ(registers[0].at("installed_at"), "2013-01-01T00:26:40Z");
  EXPECT_TRUE(registers[0].at("removed_at").is_null());
  EXPECT_EQ(registers[0].at("maximum_kwh"), "12.500");
}

// -- the day ------------------------------------------------------------------------------------

TEST(InspectMeter, ListsEveryVersionOfTheDayWithWhatStillCountsOfIt) {
  FoldGrid grid;
  register_meter(grid);
  grid.append(meter, monday, consumption_entry(meter, utc_day_1, 500));
  grid.append(meter, tuesday,
              consumption_entry(meter, utc_day_1, 700, first_periods(10),
                                core::MeasurementQuantity::active_import, core::Quality::e3));
  const Json quantity = inspect(grid, meter, day_1_text).at("quantities").at(0);
  EXPECT_EQ(quantity.at("measurement_quantity"), "AI");
  const Json versions = quantity.at("versions").at("items");
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].at("position"), "3.0");
  EXPECT_EQ(versions[0].at("received_at"), "2013-01-17T08:00:00Z");
  EXPECT_EQ(versions[0].at("quality"), "E3");
  EXPECT_EQ(versions[0].at("periods"), "1-10");
  EXPECT_EQ(versions[0].at("total_kwh"), "7.000");
  EXPECT_EQ(versions[1].at("periods"), "1-48");
  EXPECT_EQ(versions[1].at("counting_periods"), "11-48");
}

TEST(InspectMeter, TellsForEachPeriodWhichVersionItsValueComesFrom) {
  FoldGrid grid;
  register_meter(grid);
  grid.append(meter, monday, consumption_entry(meter, utc_day_1, 500, first_periods(40)));
  grid.append(meter, tuesday,
              consumption_entry(meter, utc_day_1, 700, first_periods(10),
                                core::MeasurementQuantity::active_import, core::Quality::e3));
  const Json counting = inspect(grid, meter, day_1_text).at("quantities").at(0).at("counting");
  ASSERT_EQ(counting.size(), 48u);
  EXPECT_EQ(counting[9].at("kwh"), "0.700");
  EXPECT_EQ(counting[9].at("quality"), "E3");
  EXPECT_EQ(counting[9].at("position"), "3.0");
  EXPECT_EQ(counting[10].at("kwh"), "0.500");
  EXPECT_EQ(counting[10].at("position"), "2.0");
  EXPECT_TRUE(counting[40].at("kwh").is_null());
  EXPECT_FALSE(counting[40].contains("position"));
  EXPECT_EQ(counting[47].at("period_end_utc"), "2013-01-16T00:00:00Z");
}

TEST(InspectMeter, ShowsReasonsAndQualitiesThatDifferByPeriod) {
  FoldGrid grid;
  register_meter(grid);
  storage::ConsumptionDay version(meter);
  version.day = utc_day_1;
  version.present = first_periods(3);
  version.detail.emplace();
  version.detail->qualities[2] = core::Quality::e1;
  version.detail->estimation_reasons[2] = 4;
  version.detail->amendment_reasons[2] = 'M';
  grid.append(meter, monday, consumption_entry(version));
  const Json quantity = inspect(grid, meter, day_1_text).at("quantities").at(0);
  EXPECT_EQ(quantity.at("versions").at("items").at(0).at("quality"),
            Json({{"A", "1-2"}, {"E1", "3"}}));
  EXPECT_EQ(quantity.at("counting").at(2).at("estimation_reason"), 4);
  EXPECT_EQ(quantity.at("counting").at(2).at("amendment_reason"), "M");
  EXPECT_FALSE(quantity.at("counting").at(1).contains("amendment_reason"));
}

TEST(InspectMeter, MapsUtcPeriodsOfASummerDayToTwoSettlementDays) {
  FoldGrid grid;
  register_meter(grid);
  grid.append(meter, monday, consumption_entry(meter, utc_day("2013-07-01"), 500));
  const Json counting = inspect(grid, meter, "2013-07-01").at("quantities").at(0).at("counting");
  ASSERT_EQ(counting.size(), 48u);
  EXPECT_EQ(counting[0].at("settlement_date"), "2013-07-01");
  EXPECT_EQ(counting[0].at("settlement_period"), 3);
  EXPECT_EQ(counting[45].at("settlement_period"), 48);
  EXPECT_EQ(counting[46].at("settlement_date"), "2013-07-02");
  EXPECT_EQ(counting[46].at("settlement_period"), 1);
}

TEST(InspectMeter, CountsItsDaysWithDataPerQuantity) {
  FoldGrid grid;
  register_meter(grid);
  const auto other = meter_mpan(2);
  for (int i = 0; i < 5; ++i) {
    grid.append(meter, monday,
                consumption_entry(meter, utc_day_1 + i, 500, first_periods(i == 4 ? 7 : 48)));
    grid.append(other, monday, consumption_entry(other, utc_day_1 + 10 + i, 500));
  }
  grid.append(meter, monday,
              consumption_entry(meter, utc_day_1, 20, core::all_periods_mask,
                                core::MeasurementQuantity::reactive_import));
  const Json data = inspect(grid, meter).at("data");
  ASSERT_EQ(data.size(), 2u);
  EXPECT_EQ(data[0], Json({{"measurement_quantity", "AI"},
                           {"first", "2013-01-15"},
                           {"last", "2013-01-19"},
                           {"days", 5},
                           {"complete_days", 4}}));
  EXPECT_EQ(data[1].at("measurement_quantity"), "RI");
  EXPECT_EQ(data[1].at("days"), 1);
}

TEST(InspectMeter, WithoutADayTellsOfTheLatestWithData) {
  FoldGrid grid;
  register_meter(grid);
  grid.append(meter, monday, consumption_entry(meter, utc_day_1, 500));
  grid.append(meter, monday, consumption_entry(meter, utc_day_1 + 3, 900));
  const Json told = inspect(grid, meter);
  EXPECT_EQ(told.at("utc_day"), "2013-01-18");
  EXPECT_EQ(told.at("quantities").at(0).at("counting").at(0).at("kwh"), "0.900");
}

TEST(InspectMeter, WithADayLeavesTheDaysWithDataUncounted) {
  FoldGrid grid;
  register_meter(grid);
  EXPECT_TRUE(inspect(grid, meter).contains("data"));
  EXPECT_FALSE(inspect(grid, meter, day_1_text).contains("data"));
}

TEST(InspectMeter, ADayWithoutVersionsShowsWhatIsExpected) {
  FoldGrid grid;
  register_meter(grid);
  const Json quantities = inspect(grid, meter, day_1_text).at("quantities");
  ASSERT_EQ(quantities.size(), 1u);
  EXPECT_EQ(quantities[0].at("measurement_quantity"), "AI");
  EXPECT_EQ(quantities[0].at("versions").at("items").size(), 0u);
  EXPECT_TRUE(quantities[0].at("counting").at(0).at("kwh").is_null());
}

// -- failures -----------------------------------------------------------------------------------

TEST(InspectMeter, ShowsItsOwnDeadLettersWithTheReason) {
  bool fail = false;
  MeterFoldOptions options;
  options.before_turn = [&](core::Mpan) {
    if (fail) throw TurnFailure("the turn was made to fail");
  };
  FoldGrid grid(1, {}, options);
  register_meter(grid);
  fail = true;
  grid.append(meter, tuesday, consumption_entry(meter, utc_day_1, 500));
  for (int i = 0; i < 3; ++i)
    grid.append(meter_mpan(2), tuesday, consumption_entry(meter_mpan(2), utc_day_1, 500));
  grid.append(meter, tuesday, consumption_entry(meter, utc_day_1, 600));
  const Json failures = inspect(grid, meter).at("failures");
  EXPECT_EQ(failures.at("count"), 2);
  EXPECT_EQ(failures.at("last_position"), "6.0");
  const Json letters = failures.at("dead_letters").at("items");
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_EQ(letters[0], Json({{"position", "6.0"},
                              {"received_at", "2013-01-17T08:00:00Z"},
                              {"reason", "the turn was made to fail"}}));
  EXPECT_EQ(letters[1].at("position"), "2.0");
}

TEST(InspectMeter, AHealthyMeterHasNoFailures) {
  FoldGrid grid;
  register_meter(grid);
  const Json failures = inspect(grid, meter).at("failures");
  EXPECT_EQ(failures.at("count"), 0);
  EXPECT_TRUE(failures.at("last_position").is_null());
  EXPECT_EQ(failures.at("dead_letters").at("items").size(), 0u);
}

}  // namespace
}  // namespace hhgrid::actors::test
