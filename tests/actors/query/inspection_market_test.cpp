#include "actors/query/inspection_reading.hpp"
#include "tests/actors/query/inspection_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

const auto monday = instant("2013-01-16T08:00:00Z"), tuesday = instant("2013-01-17T08:00:00Z");

/// Twelve domestic meters of one supplier in _A with values, enough for a load shape.
struct InspectMarket : testing::Test {
  static constexpr unsigned domestic = 0b0000100;

  InspectMarket() {
    grid.append_standing(monday, standing_entries(day_1 - 3, day_1 + 3, 7'000));
    for (std::uint64_t n = 0; n < 12; ++n) {
      const auto mpan = meter_mpan(n);
      grid.append(mpan, monday,
                  registration_entry(mpan, long_ago, core::open_ended, terms_variant(domestic)));
      grid.append(mpan, monday, consumption_entry(mpan, utc_day_1, 500));
    }
  }

  void run(core::Instant cutoff) {
    grid.request_run(day_1, cutoff, cutoff);
    grid.deliver();
  }

  FoldGrid grid;
};

// -- BM units -----------------------------------------------------------------------------------

TEST_F(InspectMarket, UnknownBmUnitsHaveNoState) {
  const auto error = inspect_error(grid, "bmu/2__NONE");
  EXPECT_EQ(error.code, storage::Errc::unknown);
  EXPECT_EQ(error.text, "BM unit 2__NONE has no state in this grid");
}

TEST_F(InspectMarket, ABmUnitShowsItsRegistrations) {
  const Json told = inspect(grid, "bmu/2__ASUPA000");
  EXPECT_EQ(told.at("address"), "bmu/2__ASUPA000");
  EXPECT_TRUE(told.at("settlement_date").is_null()) << "there is no run yet";
  const Json registrations = told.at("registrations").at("items");
  ASSERT_EQ(registrations.size(), 1u);
  EXPECT_EQ(registrations[0], Json({{"supplier_id", "SUPA"},
                                    {"gsp_group_id", "_A"},
                                    {"default_unit", true},
                                    {"effective_from", "2010-01-01"},
                                    {"effective_to", nullptr},
                                    {"position", "1.0"},
                                    {"received_at", "2013-01-16T08:00:00Z"},
                                    {"source", "test"},
                                    {"superseded", false}}));
}

TEST_F(InspectMarket, ABmUnitShowsWhatEachRunChanged) {
  run(monday);
  grid.append_standing(tuesday, group_take_entry("_A", day_1, 7'100));
  run(tuesday);
  const Json told = inspect(grid, "bmu/2__ASUPA000");
  EXPECT_EQ(told.at("settlement_date"), "2013-01-15");
  const Json runs = told.at("runs").at("items");
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].at("change_from"), "2013-01-15-SF-1");
  EXPECT_EQ(runs[0].at("allocated_kwh"), "340.800");
  EXPECT_EQ(runs[0].at("change_kwh"), "4.800");
  EXPECT_EQ(runs[0].at("periods").at(0).at("change_kwh"), "0.100");
  EXPECT_TRUE(runs[1].at("change_from").is_null());
  EXPECT_FALSE(runs[1].contains("change_kwh"));
  EXPECT_EQ(runs[1].at("import_kwh"), "336.000");
  EXPECT_EQ(runs[1].at("export_kwh"), "0.000");
  EXPECT_EQ(runs[1].at("gsp"), "gsp/_A");
  EXPECT_EQ(runs[1].at("periods").size(), 48u);
}

TEST_F(InspectMarket, ABmUnitShowsWhatEachRunChangedByClass) {
  run(monday);
  grid.append_standing(tuesday, group_take_entry("_A", day_1, 7'100));
  run(tuesday);
  const Json runs = inspect(grid, "bmu/2__ASUPA000").at("runs").at("items");
  const Json& classes = runs[0].at("classes");
  ASSERT_EQ(classes.size(), 2u);
  EXPECT_EQ(classes[0].at("ccc_id"), 1);
  EXPECT_EQ(classes[0].at("indicator"), "C");
  EXPECT_EQ(classes[1].at("indicator"), "L");
  EXPECT_FALSE(runs[1].at("classes")[0].contains("change_kwh"));
  const auto change = [&](std::size_t i) {
    return std::stod(classes[i].at("change_kwh").get<std::string>());
  };
  EXPECT_NEAR(change(0) + change(1), 4.8, 0.002) << "the parts of the unit's change, rounded";
}

TEST_F(InspectMarket, WhatGroupsHaveSettledIsNotShownBeforeTheRunIsPublished) {
  const auto number = grid.request_run(day_1, monday, monday);
  const auto group = grid.gsp_group("_A");
  while (grid.records(group, storage::Family::run).empty()) grid.deliver_one();
  EXPECT_EQ(grid.run_info(number).status, RunStatus::COLLECTING);
  EXPECT_TRUE(inspect(grid, "bmu/2__ASUPA000").at("settlement_date").is_null());
  EXPECT_EQ(inspect(grid, "gsp/_A", day_1_text).at("runs").at("items").at(0).at("settled"), false);
  grid.deliver();
  EXPECT_EQ(inspect(grid, "bmu/2__ASUPA000").at("runs").at("items").size(), 1u);
}

TEST_F(InspectMarket, ABmUnitShowsItsComponents) {
  run(monday);
  const Json components =
      inspect(grid, "bmu/2__ASUPA000", day_1_text).at("runs").at("items").at(0).at("components");
  ASSERT_EQ(components.size(), 2u);
  EXPECT_EQ(components[0].at("ccc_id"), 1);
  EXPECT_EQ(components[0].at("indicator"), "C");
  EXPECT_EQ(components[0].at("measurement_quantity"), "AI");
  EXPECT_EQ(components[0].at("weight"), "1.00");
  EXPECT_EQ(components[0].at("msid_count"), 12);
  EXPECT_EQ(components[0].at("uncorrected_kwh"), "288.000");
  EXPECT_EQ(components[0].at("actual_kwh"), "288.000");
  EXPECT_EQ(components[1].at("indicator"), "L");
}

TEST_F(InspectMarket, ADayWithoutRunsLeavesABmUnitWithoutVolumes) {
  run(monday);
  const Json told = inspect(grid, "bmu/2__ASUPA000", "2013-01-16");
  EXPECT_EQ(told.at("runs").at("items").size(), 0u);
}

// -- GSP Groups ---------------------------------------------------------------------------------

TEST_F(InspectMarket, UnknownGspGroupsHaveNoState) {
  EXPECT_EQ(inspect_error(grid, "gsp/_P").text, "GSP Group _P has no state in this grid");
}

TEST_F(InspectMarket, AGspGroupShowsTheTakeItKnowsAndItsVersions) {
  storage::GroupTake later{core::GspGroup::parse("_A").value(), day_1, {}};
  later.take.energy_wh[1] = 8'000;
  later.take.present[1] = later.take.estimated[1] = true;
  storage::EntryScratch scratch;
  grid.append_standing(tuesday, storage::copy_words(storage::encode_group_take(later, scratch)));
  const Json told = inspect(grid, "gsp/_A", day_1_text);
  EXPECT_EQ(told.at("take_days"),
            Json({{"first", "2013-01-12"}, {"last", "2013-01-18"}, {"days", 7}}));
  const Json& take = told.at("take");
  ASSERT_EQ(take.at("versions").at("items").size(), 2u);
  EXPECT_EQ(take.at("versions").at("items").at(0).at("periods"), "2");
  EXPECT_EQ(take.at("versions").at("items").at(0).at("total_kwh"), "8.000");
  EXPECT_EQ(take.at("periods").at(0),
            Json({{"settlement_period", 1}, {"kwh", "7.000"}, {"flag", "A"}}));
  EXPECT_EQ(take.at("periods").at(1),
            Json({{"settlement_period", 2}, {"kwh", "8.000"}, {"flag", "E"}}));
}

TEST_F(InspectMarket, AGspGroupShowsTheFactorsOfEachRun) {
  run(monday);
  const Json told = inspect(grid, "gsp/_A");
  EXPECT_EQ(told.at("settlement_date"), "2013-01-15") << "the latest with a run";
  const Json run = told.at("runs").at("items").at(0);
  EXPECT_EQ(run.at("settled"), true);
  EXPECT_EQ(run.at("correction_method"), "import_export");
  EXPECT_EQ(run.at("group_take_kwh"), "336.000");
  EXPECT_EQ(run.at("residual_kwh"), "0.000");
  EXPECT_EQ(run.at("bmus"), 1);
  EXPECT_EQ(run.at("components"), 2);
  EXPECT_EQ(run.at("msid_count"), 12);
  // 12 meters of 500 Wh with a factor of 1.050, 1.051, 1.052 in turn; the take is 7,000 Wh.
  EXPECT_EQ(run.at("periods").at(0).at("uncorrected_kwh"), "6.300");
  EXPECT_EQ(run.at("periods").at(0).at("gcf_import"), "1.111111111");
  EXPECT_EQ(run.at("gcf_import").at("max"), "1.111111111");
  EXPECT_EQ(run.at("gcf_import").at("min"), "1.108998733");
  EXPECT_EQ(run.at("gcf_import").at("mean"), "1.110054587");
  // Both factors of every period are outside 0.9 to 1.1.
  EXPECT_EQ(run.at("exceptions").at("items").size(), 50u);
  EXPECT_EQ(run.at("exceptions").at("more"), 46);
  EXPECT_EQ(run.at("exceptions").at("items").at(0).at("kind"), "factor_warning");
}

TEST_F(InspectMarket, AGroupThatARunDidNotSettleSaysSo) {
  run(monday);
  const Json run = inspect(grid, "gsp/_C", day_1_text).at("runs").at("items").at(0);
  EXPECT_EQ(run.at("settled"), false);
  EXPECT_FALSE(run.contains("periods"));
}

// -- load shapes --------------------------------------------------------------------------------

TEST_F(InspectMarket, UnknownLoadShapesHaveNoState) {
  const auto error = inspect_error(grid, "shape/_A.W.S.T.AI");
  EXPECT_EQ(error.code, storage::Errc::unknown) << "before any run the market has heard nothing";
}

TEST_F(InspectMarket, ALoadShapeShowsItsValuesAndTheSumsBehindThem) {
  run(monday);
  const Json told = inspect(grid, "shape/_A.W.S.T.AI");
  EXPECT_EQ(told.at("utc_day"), "2013-01-15");
  EXPECT_EQ(told.at("actuals").at(0), Json({{"utc_period", 1},
                                            {"period_end_utc", "2013-01-15T00:30:00Z"},
                                            {"actual_kwh", "6.000"},
                                            {"count", 12}}));
  const Json version = told.at("runs").at("items").at(0);
  EXPECT_EQ(version.at("run_id"), "2013-01-15-SF-1");
  EXPECT_EQ(version.at("periods").at(47), Json({{"utc_period", 48},
                                                {"period_end_utc", "2013-01-16T00:00:00Z"},
                                                {"kwh", "0.500"},
                                                {"flag", "A"},
                                                {"count", 12}}));
  EXPECT_EQ(version.at("day_total_kwh"), "24.000");
  EXPECT_EQ(version.at("day_off_peak_kwh"), "7.000");
}

TEST_F(InspectMarket, ALoadShapeOfAnotherDayShowsNothingThere) {
  run(monday);
  const Json told = inspect(grid, "shape/_A.W.S.T.AI", "2013-01-10");
  EXPECT_EQ(told.at("actuals").size(), 0u);
  EXPECT_EQ(told.at("runs").at("items").size(), 0u);
}

// -- lists --------------------------------------------------------------------------------------

TEST(InspectionLists, ShowTheNewestFirstAndCountTheRest) {
  std::vector<Json> items;
  for (int i = 0; i < 53; ++i) items.push_back(i);
  const Json list = inspection::newest_items(items);
  EXPECT_EQ(list.at("items").size(), 50u);
  EXPECT_EQ(list.at("items").front(), 52);
  EXPECT_EQ(list.at("items").back(), 3);
  EXPECT_EQ(list.at("more"), 3);
}

TEST(InspectionLists, AnEmptyListHasNothingMore) {
  const Json list = inspection::newest_items({});
  EXPECT_TRUE(list.at("items").is_array());
  EXPECT_EQ(list.at("more"), 0);
}

}  // namespace
}  // namespace hhgrid::actors::test
