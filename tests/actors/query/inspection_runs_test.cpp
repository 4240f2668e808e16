#include "tests/actors/query/inspection_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

/// A grid with standing data for the days around `day_1` and one import meter.
struct InspectRun : testing::Test {
  InspectRun() {
    grid.append_standing(monday, standing_entries(day_1 - 3, day_1 + 3));
    grid.append_standing(monday, group_take_entry("_A", day_1, 1'100));
    register_meter(grid, meter, 0);
  }

  std::uint32_t run(core::Instant cutoff, core::SettlementDay day = day_1) {
    const auto number = grid.request_run(day, cutoff, cutoff);
    grid.deliver();
    return number;
  }

  Json runs(core::Mpan mpan = meter) {
    return inspect(grid, mpan, day_1_text).at("quantities").at(0).at("runs").at("items");
  }

  FoldGrid grid;
};

TEST_F(InspectRun, EachRunShowsTheValueThatCountedAtItsCutOff) {
  grid.append(meter, monday, consumption_entry(meter, utc_day_1, 1000));
  run(monday);
  grid.append(meter, tuesday, consumption_entry(meter, utc_day_1, 1200, first_periods(2)));
  run(tuesday);
  run(monday);  // a cut-off before the newest version
  const Json told = runs();
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].at("run_number"), 3);
  EXPECT_EQ(told[0].at("periods").at(0).at("kwh"), "1.000");
  EXPECT_EQ(told[1].at("periods").at(0).at("kwh"), "1.200");
  EXPECT_EQ(told[1].at("periods").at(0).at("quality"), "A");
  EXPECT_EQ(told[1].at("periods").at(0).at("origin"), "version");
  EXPECT_EQ(told[1].at("periods").at(2).at("kwh"), "1.000");
  EXPECT_EQ(told[1].at("total_kwh"), "48.400");
  EXPECT_EQ(told[2].at("periods").at(0).at("kwh"), "1.000");
  EXPECT_EQ(told[2].at("run_id"), "2013-01-15-SF-1");
  EXPECT_EQ(told[2].at("status"), "published");
}

TEST_F(InspectRun, AVersionThatCameAfterTheMarkerIsNotTheRuns) {
  grid.append(meter, monday, consumption_entry(meter, utc_day_1, 500));
  run(wednesday);
  grid.append(meter, tuesday, consumption_entry(meter, utc_day_1, 700));  // before the cut-off
  EXPECT_EQ(runs().at(0).at("periods").at(0).at("kwh"), "0.500");
}

TEST_F(InspectRun, ADefaultShowsTheShapeAndTheAnnualConsumptionThatMadeIt) {
  grid.append(meter, monday, annual_consumption_entry(meter, long_ago, 3'000'000));
  grid.append(meter, monday, consumption_entry(meter, utc_day_1, 500, first_periods(24)));
  run(monday);
  const Json told = runs().at(0);
  const Json period = told.at("periods").at(24);
  EXPECT_EQ(period.at("origin"), "default");
  EXPECT_EQ(period.at("load_shape_flag"), "E") << "the back-stop shape of the standing data";
  EXPECT_EQ(period.at("load_shape_kwh"), "0.124");
  EXPECT_EQ(told.at("annual_consumption_kwh"), "3000.000");
  EXPECT_EQ(told.at("load_shape").at("address"), "shape/_A.W.S.F.AI");
  const auto annual = wh(told.at("load_shape").at("rolling_annual_kwh"));
  EXPECT_EQ(wh(period.at("kwh")), core::round_half_away(core::Int128{124} * 3'000'000, annual));
  EXPECT_EQ(told.at("periods").at(23).at("origin"), "version");
}

TEST_F(InspectRun, TheWayIntoTheBillNamesUnitClassesAndFactors) {
  grid.append(meter, monday, consumption_entry(meter, utc_day_1, 1000));
  run(monday);
  const Json told = runs().at(0);
  EXPECT_EQ(told.at("corrected_volume"),
            Json({{"bmu", "bmu/2__ASUPA000"},
                  {"bmu_chosen", "default unit of the supplier"},
                  {"gsp", "gsp/_A"},
                  {"consumption_class", {{"ccc_id", 1}, {"weight", "1.00"}}},
                  {"losses_class", {{"ccc_id", 2}, {"weight", "1.00"}}}}));
  EXPECT_EQ(told.at("registration").at("llfc_id"), "001");
  // The only meter of its group takes all of the Group Take, 1,100 Wh.
  const Json period = told.at("periods").at(0);
  EXPECT_EQ(period.at("llf"), "1.050");
  EXPECT_EQ(period.at("gcf"), "1.047619048");
  EXPECT_EQ(period.at("corrected_kwh"), "1.100");
  EXPECT_EQ(told.at("periods").at(1).at("llf"), "1.051");
  EXPECT_FALSE(period.contains("llf_from"));
  EXPECT_EQ(told.at("total_corrected_kwh"), "52.800");
}

TEST_F(InspectRun, AUnitThatIsNotValidGivesWayToTheDefaultUnit) {
  const auto valid = meter_mpan(2), invalid = meter_mpan(3);
  register_meter(grid, valid, 0b0100100);    // 2__XOTHER01 in _A
  register_meter(grid, invalid, 0b0100101);  // 2__XOTHER01 in _C
  run(monday);
  EXPECT_EQ(runs(valid).at(0).at("corrected_volume").at("bmu"), "bmu/2__XOTHER01");
  EXPECT_EQ(runs(valid).at(0).at("corrected_volume").at("bmu_chosen"), "registered");
  EXPECT_EQ(runs(invalid).at(0).at("corrected_volume").at("bmu"), "bmu/2__CSUPA000");
}

TEST_F(InspectRun, AnEarlierDaysLossFactorIsToldAsSuch) {
  const auto later = day_1 + 10;  // no line losses are given so late
  storage::LineLosses losses{20, core::LlfcId::parse("001").value(), day_1 + 5, {}};
  std::fill_n(losses.thousandths.begin(), 47, std::uint16_t{1080});
  storage::EntryScratch scratch;
  grid.append_standing(monday, storage::copy_words(storage::encode_line_losses(losses, scratch)));
  grid.append_standing(monday, group_take_entry("_A", later, 7000));
  run(monday, later);
  const Json told = inspect(grid, meter, core::format_day(later.value));
  const Json run = told.at("quantities").at(0).at("runs").at("items").at(0);
  EXPECT_EQ(run.at("periods").at(0).at("llf"), "1.080");
  EXPECT_EQ(run.at("periods").at(0).at("llf_from"), "2013-01-20");
  EXPECT_EQ(run.at("periods").at(47).at("llf"), "1.052");
  EXPECT_EQ(run.at("periods").at(47).at("llf_from"), "2013-01-18");
}

TEST_F(InspectRun, StandingDataThatCameLaterDoesNotChangeWhatARunUsed) {
  run(monday);
  grid.append_standing(tuesday, line_losses_entry("001", day_1, 1200));
  run(tuesday);
  EXPECT_EQ(runs().at(1).at("periods").at(0).at("llf"), "1.050");
  EXPECT_EQ(runs().at(0).at("periods").at(0).at("llf"), "1.200");
}

TEST_F(InspectRun, ADeEnergisedMeterIsNotDefaulted) {
  const auto dead = meter_mpan(4);
  register_meter(grid, dead, 0b0110000);
  run(monday);
  const Json told = runs(dead).at(0);
  EXPECT_EQ(told.at("registration").at("energisation"), "D");
  EXPECT_EQ(told.at("periods").at(0).at("origin"), "none");
  EXPECT_EQ(told.at("total_kwh"), "0.000");
}

TEST_F(InspectRun, AMeterThatWasNotRegisteredAtTheCutOffHasNoPart) {
  run(monday);
  const auto late = meter_mpan(5);
  grid.append(late, tuesday,
              registration_entry(late, long_ago, core::open_ended, terms_variant(0)));
  grid.append(late, tuesday, consumption_entry(late, utc_day_1, 500));
  const Json told = runs(late).at(0);
  EXPECT_EQ(told.at("registered"), false);
  EXPECT_FALSE(told.contains("periods"));
}

TEST_F(InspectRun, ARunThatIsStillCollectingIsPending) {
  grid.append(meter, monday, consumption_entry(meter, utc_day_1, 500, first_periods(1)));
  grid.request_run(day_1, monday, monday);
  const Json told = runs().at(0);
  EXPECT_EQ(told.at("status"), "collecting");
  EXPECT_TRUE(told.at("corrected_volume").is_null());
  EXPECT_TRUE(told.at("marker_position").is_null());
  EXPECT_EQ(told.at("periods").at(0).at("kwh"), "0.500");
  EXPECT_EQ(told.at("periods").at(1).at("origin"), "pending");
  EXPECT_TRUE(told.at("periods").at(1).at("kwh").is_null());
}

TEST_F(InspectRun, ARefusedRunGivesWhatIsMissingNoValue) {
  const auto later = day_1 + 10;  // without a Group Take
  grid.append(meter, monday,
              consumption_entry(meter, core::UtcDay{later.value}, 500, first_periods(1)));
  run(monday, later);
  const Json quantity = inspect(grid, meter, core::format_day(later.value)).at("quantities").at(0);
  const Json told = quantity.at("runs").at("items").at(0);
  EXPECT_EQ(told.at("status"), "refused");
  EXPECT_EQ(told.at("periods").at(0).at("kwh"), "0.500");
  EXPECT_EQ(told.at("periods").at(1).at("origin"), "refused");
  EXPECT_TRUE(told.at("periods").at(1).at("kwh").is_null());
}

TEST_F(InspectRun, ReactiveEnergyIsNotSettled) {
  grid.append(meter, monday,
              consumption_entry(meter, utc_day_1, 20, core::all_periods_mask,
                                core::MeasurementQuantity::reactive_import));
  run(monday);
  const Json quantities = inspect(grid, meter, day_1_text).at("quantities");
  EXPECT_EQ(quantities.at(1).at("measurement_quantity"), "RI");
  EXPECT_EQ(quantities.at(1).at("runs").at("items").size(), 0u);
}

TEST_F(InspectRun, ExceptionsThatNameTheMeterAreShown) {
  const auto shapeless = meter_mpan(6);
  register_meter(grid, shapeless,
                 0b0010000);  // low voltage: neither a shape nor an annual consumption
  run(monday);
  const Json told = runs(shapeless).at(0).at("exceptions").at("items");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].at("kind"), "no_default");
  EXPECT_EQ(runs().at(0).at("exceptions").at("items").size(), 0u);
}

}  // namespace
}  // namespace hhgrid::actors::test
