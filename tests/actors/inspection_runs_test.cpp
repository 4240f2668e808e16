#include <map>
#include <random>
#include <tuple>

#include "actors/run_results.hpp"
#include "tests/actors/inspection_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

/// A grid with standing data for the days around `day_1` and one import meter.
struct InspectRun : testing::Test {
  InspectRun() {
    grid.append(grid.market(), monday, standing_entries(day_1 - 3, day_1 + 3));
    grid.append(grid.market(), monday, group_take_entry("_A", day_1, 1'100));
    add_meter(meter, 0);
  }

  void add_meter(core::Mpan mpan, unsigned terms) {
    grid.append(mpan, monday,
                registration_entry(mpan, long_ago, core::open_ended, terms_variant(terms)));
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
  EXPECT_EQ(told.at("bill"), Json({{"bmu", "bmu/2__ASUPA000"},
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
  add_meter(valid, 0b0100100);    // 2__XOTHER01 in _A
  add_meter(invalid, 0b0100101);  // 2__XOTHER01 in _C
  run(monday);
  EXPECT_EQ(runs(valid).at(0).at("bill").at("bmu"), "bmu/2__XOTHER01");
  EXPECT_EQ(runs(valid).at(0).at("bill").at("bmu_chosen"), "registered");
  EXPECT_EQ(runs(invalid).at(0).at("bill").at("bmu"), "bmu/2__CSUPA000");
}

TEST_F(InspectRun, AnEarlierDaysLossFactorIsToldAsSuch) {
  const auto later = day_1 + 10;  // no line losses are given so late
  storage::LineLosses losses{20, core::LlfcId::parse("001").value(), day_1 + 5, {}};
  std::fill_n(losses.thousandths.begin(), 47, std::uint16_t{1080});
  storage::EntryScratch scratch;
  grid.append(grid.market(), monday,
              storage::copy_words(storage::encode_line_losses(losses, scratch)));
  grid.append(grid.market(), monday, group_take_entry("_A", later, 7000));
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
  grid.append(grid.market(), tuesday, line_losses_entry("001", day_1, 1200));
  run(tuesday);
  EXPECT_EQ(runs().at(1).at("periods").at(0).at("llf"), "1.050");
  EXPECT_EQ(runs().at(0).at("periods").at(0).at("llf"), "1.200");
}

TEST_F(InspectRun, ADeEnergisedMeterIsNotDefaulted) {
  const auto dead = meter_mpan(4);
  add_meter(dead, 0b0110000);
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
  EXPECT_TRUE(told.at("bill").is_null());
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
              consumption_entry(meter, utc_day_1, 20, storage::all_periods,
                                core::MeasurementQuantity::reactive_import));
  run(monday);
  const Json quantities = inspect(grid, meter, day_1_text).at("quantities");
  EXPECT_EQ(quantities.at(1).at("measurement_quantity"), "RI");
  EXPECT_EQ(quantities.at(1).at("runs").at("items").size(), 0u);
}

TEST_F(InspectRun, ExceptionsThatNameTheMeterAreShown) {
  const auto shapeless = meter_mpan(6);
  add_meter(shapeless, 0b0010000);  // low voltage: neither a shape nor an annual consumption
  run(monday);
  const Json told = runs(shapeless).at(0).at("exceptions").at("items");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].at("kind"), "no_default");
  EXPECT_EQ(runs().at(0).at("exceptions").at("items").size(), 0u);
}

// -- the whole ----------------------------------------------------------------------------------

using ComponentPeriod = std::tuple<std::string, int, int>;  // BM unit, class, settlement period
using Sums = std::map<ComponentPeriod, core::WattHours>;

/// What all meters together say of a run.
struct Parts {
  Sums uncorrected;  ///< Of the consumption components.
  Sums allocated;    ///< Of the BM units, class 0: corrected import less export, losses included.
};

/// Adds a meter's part of everything that a run made.
void add_parts(const FoldGrid& grid, core::Mpan mpan, core::SettlementDay day, std::uint32_t run,
               Parts& parts) {
  for (const auto& span : FoldGrid::calendar().spans_of(day)) {
    const Json told = inspect(grid, mpan, core::format_day(span.day.value));
    for (const Json& quantity : told.at("quantities")) {
      const Json use = find(quantity.at("runs").at("items"), "run_number", run);
      if (use.is_null() || use.at("registered") == false) continue;
      const std::string bmu = use.at("bill").at("bmu").get<std::string>().substr(4);
      const int ccc_id = use.at("bill").at("consumption_class").at("ccc_id");
      const int sign = quantity.at("measurement_quantity") == "AE" ? -1 : 1;
      for (const Json& period : use.at("periods")) {
        const int p = period.at("settlement_period");
        parts.uncorrected[{bmu, ccc_id, p}] += wh(period.at("kwh"));
        parts.allocated[{bmu, 0, p}] += sign * wh(period.at("corrected_kwh"));
      }
    }
  }
}

/// Parts are rounded to be shown, components as sums.
void expect_near_allocated(const FoldGrid& grid, std::uint32_t run, const Sums& allocated,
                           core::WattHours tolerance_wh) {
  const storage::Store::View view(*grid.stores().back());
  const auto read = for_each_bmu_volume(view, run, [&](const BmuVolumeRow& row) {
    for (int p = 1; p <= core::settlement_periods_max; ++p) {
      const auto i = static_cast<std::size_t>(p - 1);
      const auto part = allocated.find({row.volume.bmu.to_string(), 0, p});
      const core::WattHours told = part == allocated.end() ? 0 : part->second;
      EXPECT_NEAR(told, row.volume.import_wh[i] - row.volume.export_wh[i], tolerance_wh)
          << "run " << run << ", unit " << row.volume.bmu.to_string() << ", period " << p;
    }
    return true;
  });
  EXPECT_TRUE(read.has_value());
}

Sums stored_sums(const FoldGrid& grid, std::uint32_t run) {
  Sums sums;
  const storage::Store::View view(*grid.stores().back());
  const auto read = for_each_component(view, run, [&](const ComponentRow& row) {
    if (row.component.indicator == core::Indicator::consumption)
      for (int p = 1; p <= core::settlement_periods_max; ++p)
        sums[{row.component.bmu.to_string(), row.component.ccc_id, p}] =
            row.component.uncorrected_wh[static_cast<std::size_t>(p - 1)];
    return true;
  });
  EXPECT_TRUE(read.has_value());
  return sums;
}

void drop_zeros(Sums& sums) {
  std::erase_if(sums, [](const auto& sum) { return sum.second == 0; });
}

/// A summer day, so that it lies in two UTC days, with late versions, registrations and runs.
TEST(InspectRuns, ThePartsOfAllMetersMakeEveryComponentOfEveryRun) {
  const auto day = settlement_day("2013-07-01");
  constexpr std::uint64_t meters = 40;
  std::mt19937 random(7);
  const auto pick = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  FoldGrid grid(3, {.minimum_sample = 2});
  grid.append(grid.market(), monday, standing_entries(day - 3, day + 3));
  std::vector<std::uint32_t> runs;
  for (const auto round :
       {"2013-07-03T08:00:00Z", "2013-07-04T08:00:00Z", "2013-07-05T08:00:00Z"}) {
    const auto now = instant(round);
    for (std::uint64_t n = 0; n < meters; ++n) {
      const auto mpan = meter_mpan(n);
      if (runs.empty() || pick(6) == 0)
        grid.append(
            mpan, now,
            registration_entry(mpan, runs.empty() ? long_ago : day - static_cast<int>(pick(3)),
                               core::open_ended, terms_variant(pick(terms_variants))));
      if (pick(4) == 0)
        grid.append(mpan, now,
                    annual_consumption_entry(mpan, long_ago, 1'000'000 + pick(3'000'000)));
      for (const int back : {0, 1})
        if (pick(3) != 0)
          grid.append(mpan, now,
                      consumption_entry(mpan, core::UtcDay{day.value - back}, pick(2000),
                                        pick(2) == 0 ? storage::all_periods : 1 + random(),
                                        pick(3) == 0 ? core::MeasurementQuantity::active_export
                                                     : core::MeasurementQuantity::active_import));
    }
    runs.push_back(grid.request_run(day, now, now));
    grid.deliver();
  }
  runs.push_back(
      grid.request_run(day, instant("2013-07-03T08:00:00Z"), instant("2013-07-06T08:00:00Z")));
  grid.deliver();
  for (const auto run : runs) {
    ASSERT_NE(grid.run_info(run).status, RunStatus::REFUSED) << grid.run_info(run).reason;
    Parts parts;
    for (std::uint64_t n = 0; n < meters; ++n) add_parts(grid, meter_mpan(n), day, run, parts);
    Sums stored = stored_sums(grid, run);
    drop_zeros(parts.uncorrected);
    drop_zeros(stored);
    EXPECT_GT(stored.size(), 100u);
    EXPECT_EQ(parts.uncorrected, stored) << "run " << run;
    expect_near_allocated(grid, run, parts.allocated, 60);
  }
}

}  // namespace
}  // namespace hhgrid::actors::test
