#include "core/decimal.hpp"
#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {
namespace {

using core::Quality;
using storage::ConsumptionDay;

const std::string long_header =
    "mpan,measurement_quantity,period_end_utc,kwh,quality,estimation_reason,amendment_reason\n";

std::string wide_header() {
  std::string text = "mpan,measurement_quantity,utc_day,quality";
  for (int p = 1; p <= 48; ++p) text += ",p" + std::to_string(p);
  return text + "\n";
}

/// A wide row whose period p is `values[p - 1]`, blank past their end.
std::string wide_row(const std::string& start, std::vector<std::string> values) {
  values.resize(48);
  std::string text = start;
  for (const auto& value : values) text += "," + value;
  return text + "\n";
}

class ConsumptionRows : public IngestFixture {
 protected:
  std::vector<ConsumptionDay> days() const {
    return decoded<ConsumptionDay>(&storage::decode_consumption);
  }

  void reject_long(const std::string& row, const std::string& reason, const std::string& column,
                   const std::string& value) {
    expect_rejected(ingest_text("consumption.csv", long_header + row + "\n"), reason, column,
                    value);
    EXPECT_TRUE(delivered_.empty());
  }
  /// Of three periods the second is rejected, and the row for its sake; the others are taken.
  void expect_period_rejected(const std::string& row, const std::string& reason,
                              const std::string& column, const std::string& value) {
    expect_rejected(ingest_text("consumption_wide.csv", wide_header() + row), reason, column,
                    value);
    ASSERT_EQ(days().size(), 1u);
    EXPECT_EQ(days()[0].present, 0b101u);
    EXPECT_EQ(days()[0].energy_wh[1], 0);
    EXPECT_EQ(days()[0].energy_wh[2], 3000);
  }
  void reject_wide(const std::string& row, const std::string& reason, const std::string& column,
                   const std::string& value) {
    expect_rejected(ingest_text("consumption_wide.csv", wide_header() + row), reason, column,
                    value);
    EXPECT_TRUE(delivered_.empty());
  }
};

// -- long ---------------------------------------------------------------------

TEST_F(ConsumptionRows, AdjacentRowsOfOneMeterAndDayBecomeOneEntry) {
  const auto summary =
      ingest_text("consumption.csv", long_header +
                                         "1012345678903,AI,2013-04-01T00:30:00Z,0.125,A,,\n"
                                         "1012345678903,AI,2013-04-01T01:00:00Z,1.5,A,,\n");
  EXPECT_EQ(summary.rows_accepted, 2u);
  EXPECT_EQ(summary.entries, 1u);
  const auto all = days();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].mpan.number(), 1012345678903u);
  EXPECT_EQ(core::format_day(all[0].day.value), "2013-04-01");
  EXPECT_EQ(all[0].present, 3u);
  EXPECT_EQ(all[0].energy_wh[0], 125);
  EXPECT_EQ(all[0].energy_wh[1], 1500);
  EXPECT_EQ(all[0].quality, Quality::a);
  EXPECT_FALSE(all[0].detail);
}

TEST_F(ConsumptionRows, ThePeriodThatEndsAtMidnightIsTheLastOfTheDayBefore) {
  ingest_text("consumption.csv", long_header + "1012345678903,AI,2013-04-02T00:00:00Z,0.125,A,,\n");
  const auto all = days();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(core::format_day(all[0].day.value), "2013-04-01");
  EXPECT_TRUE(all[0].has(48));
}

TEST_F(ConsumptionRows, AnotherMeterQuantityOrDayBeginsAnotherEntry) {
  const auto summary =
      ingest_text("consumption.csv", long_header +
                                         "1012345678903,AI,2013-04-01T00:30:00Z,1,A,,\n"
                                         "1012345678903,AE,2013-04-01T00:30:00Z,1,A,,\n"
                                         "1012345678903,AE,2013-04-02T00:30:00Z,1,A,,\n"
                                         "1234567890126,AE,2013-04-02T00:30:00Z,1,A,,\n");
  EXPECT_EQ(summary.entries, 4u);
}

TEST_F(ConsumptionRows, QualitiesAndReasonsOfEachPeriodAreKept) {
  ingest_text("consumption.csv", long_header +
                                     "1012345678903,AI,2013-04-01T00:30:00Z,1,E3,2,\n"
                                     "1012345678903,AI,2013-04-01T01:00:00Z,1,A,,T\n");
  const auto all = days();
  ASSERT_EQ(all.size(), 1u);
  ASSERT_TRUE(all[0].detail);
  EXPECT_EQ(all[0].quality_of(1), Quality::e3);
  EXPECT_EQ(all[0].quality_of(2), Quality::a);
  EXPECT_EQ(all[0].detail->estimation_reasons[0], 2);
  EXPECT_EQ(all[0].detail->amendment_reasons[1], 'T');
}

TEST_F(ConsumptionRows, ReasonColumnsMayBeLeftOut) {
  const auto summary = ingest_text("consumption.csv",
                                   "kwh,quality,mpan,period_end_utc,measurement_quantity\n"
                                   "1,E3,1012345678903,2013-04-01T00:30:00Z,AI\n");
  EXPECT_EQ(summary.rows_accepted, 1u);
}

TEST_F(ConsumptionRows, ABadRowInsideAGroupLeavesTheOthers) {
  const auto summary =
      ingest_text("consumption.csv", long_header +
                                         "1012345678903,AI,2013-04-01T00:30:00Z,1,A,,\n"
                                         "1012345678903,AI,2013-04-01T01:00:00Z,x,A,,\n"
                                         "1012345678903,AI,2013-04-01T01:30:00Z,2,A,,\n");
  EXPECT_EQ(summary.rows_read, 3u);
  EXPECT_EQ(summary.rows_accepted, 2u);
  EXPECT_EQ(summary.entries, 1u);
  EXPECT_EQ(days()[0].present, 0b101u);
}

TEST_F(ConsumptionRows, TwoValuesOfOneHalfHourGoToTheMeterBoth) {
  const auto summary =
      ingest_text("consumption.csv", long_header +
                                         "1012345678903,AI,2013-04-01T00:30:00Z,5,A,,\n"
                                         "1012345678903,AI,2013-04-01T01:00:00Z,1,A,,\n"
                                         "1012345678903,AI,2013-04-01T00:30:00Z,0,A,,\n");
  EXPECT_EQ(summary.rows_accepted, 3u);
  EXPECT_EQ(summary.rows_rejected, 0u) << "the meter refuses both, in whatever rows they stand";
  const auto all = days();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].present, 0b11u);
  EXPECT_EQ(all[0].energy_wh[0], 5000);
  EXPECT_EQ(all[1].present, 0b01u);
  EXPECT_EQ(all[1].energy_wh[0], 0);
}

TEST_F(ConsumptionRows, WhatIsSaidAThirdTimeBeginsAnew) {
  ingest_text("consumption.csv", long_header +
                                     "1012345678903,AI,2013-04-01T00:30:00Z,5,A,,\n"
                                     "1012345678903,AI,2013-04-01T00:30:00Z,5,E1,,\n"
                                     "1012345678903,AI,2013-04-01T00:30:00Z,0,A,,\n"
                                     "1012345678903,AI,2013-04-01T01:00:00Z,7,A,,\n");
  const auto all = days();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].quality_of(1), Quality::a);
  EXPECT_EQ(all[1].quality_of(1), Quality::e1);
  EXPECT_EQ(all[2].present, 0b11u);
  EXPECT_EQ(all[2].energy_wh[0], 0);
  EXPECT_EQ(all[2].energy_wh[1], 7000);
}

TEST_F(ConsumptionRows, ARepeatedRowGoesToTheMeterAgainAndIsNoRefusal) {
  const auto summary =
      ingest_text("consumption.csv", long_header +
                                         "1012345678903,AI,2013-04-01T00:30:00Z,5.000,A,,\n"
                                         "1012345678903,AI,2013-04-01T01:00:00Z,1,A,,\n"
                                         "1012345678903,AI,2013-04-01T00:30:00Z,5,A,,\n");
  EXPECT_EQ(summary.rows_accepted, 3u);
  EXPECT_EQ(summary.rows_rejected, 0u);
  const auto all = days();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].present, 0b11u);
  EXPECT_EQ(all[1].present, 0b01u);
  EXPECT_EQ(all[1].energy_wh[0], 5000);
}

TEST_F(ConsumptionRows, APeriodEndBetweenHalfHoursIsRejected) {
  reject_long("1012345678903,AI,2013-04-01T00:31:00Z,1,A,,", "ECS1005 period end not aligned",
              "period_end_utc", "2013-04-01T00:31:00Z");
}

TEST_F(ConsumptionRows, APeriodEndThatIsNoInstantIsRejected) {
  reject_long("1012345678903,AI,2013-04-01 00:30,1,A,,", "period_end_utc is not valid",
              "period_end_utc", "2013-04-01 00:30");
}

TEST_F(ConsumptionRows, ADayOutsideTheCalendarIsRejected) {
  reject_long("1012345678903,AI,1970-01-01T00:00:00Z,1,A,,", "period_end_utc is not valid",
              "period_end_utc", "1970-01-01T00:00:00Z");
}

TEST_F(ConsumptionRows, NegativeEnergyIsRejected) {
  reject_long("1012345678903,AI,2013-04-01T00:30:00Z,-0.001,A,,", "ECS1010 negative energy", "kwh",
              "-0.001");
}

TEST_F(ConsumptionRows, EnergyWithFourDecimalsIsRejected) {
  reject_long("1012345678903,AI,2013-04-01T00:30:00Z,0.0001,A,,", "kwh is not valid", "kwh",
              "0.0001");
}

TEST_F(ConsumptionRows, WholeWattHoursAreTakenInEveryNotation) {
  const auto summary =
      ingest_text("consumption.csv", long_header +
                                         "1012345678903,AI,2013-04-01T00:30:00Z,0.432000,A,,\n"
                                         "1012345678903,AI,2013-04-01T01:00:00Z,.362,A,,\n"
                                         "1012345678903,AI,2013-04-01T01:30:00Z,0.5000,A,,\n");
  EXPECT_EQ(summary.rows_accepted, 3u);
  ASSERT_EQ(days().size(), 1u);
  EXPECT_EQ(days()[0].energy_wh[0], 432);
  EXPECT_EQ(days()[0].energy_wh[1], 362);
  EXPECT_EQ(days()[0].energy_wh[2], 500);
}

TEST_F(ConsumptionRows, EnergyBeyondWhatIsStoredIsRejected) {
  reject_long("1012345678903,AI,2013-04-01T00:30:00Z,1099511627.776,A,,", "kwh is not valid", "kwh",
              "1099511627.776");
}

TEST_F(ConsumptionRows, ABlankEnergyIsRejected) {
  reject_long("1012345678903,AI,2013-04-01T00:30:00Z,,A,,", "kwh is blank", "kwh", "");
}

TEST_F(ConsumptionRows, AZeroEstimateThatIsNotZeroIsRejected) {
  reject_long("1012345678903,AI,2013-04-01T00:30:00Z,0.001,ZE2,,",
              "ECS1011 zero estimate that is not zero", "kwh", "0.001");
}

TEST_F(ConsumptionRows, AWrongCheckDigitIsRejectedWithTheRightOne) {
  reject_long("1012345678904,AI,2013-04-01T00:30:00Z,1,A,,", "mpan is not valid", "mpan",
              "1012345678904");
}

TEST_F(ConsumptionRows, AnUnknownQuantityIsRejected) {
  reject_long("1012345678903,XX,2013-04-01T00:30:00Z,1,A,,", "measurement_quantity is not valid",
              "measurement_quantity", "XX");
}

TEST_F(ConsumptionRows, AnUnknownQualityIsRejected) {
  reject_long("1012345678903,AI,2013-04-01T00:30:00Z,1,Q,,", "quality is not valid", "quality",
              "Q");
}

TEST_F(ConsumptionRows, AnUnknownEstimationReasonIsRejected) {
  reject_long("1012345678903,AI,2013-04-01T00:30:00Z,1,E1,11,", "estimation_reason is not valid",
              "estimation_reason", "11");
}

TEST_F(ConsumptionRows, AnUnknownAmendmentReasonIsRejected) {
  reject_long("1012345678903,AI,2013-04-01T00:30:00Z,1,E1,9,B", "amendment_reason is not valid",
              "amendment_reason", "B");
}

TEST_F(ConsumptionRows, ARowWithTooFewFieldsIsRejected) {
  reject_long("1012345678903,AI,2013-04-01T00:30:00Z", "wrong number of fields", "", "");
}

// -- wide ---------------------------------------------------------------------

TEST_F(ConsumptionRows, AWideRowIsOneEntryWithoutItsBlankPeriods) {
  const auto summary = ingest_text(
      "consumption_wide.csv",
      wide_header() + wide_row("1012345678903,AE,2013-04-01,A2", {"0.1", "", "12.345"}));
  EXPECT_EQ(summary.rows_accepted, 1u);
  const auto all = days();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].quantity, core::MeasurementQuantity::active_export);
  EXPECT_EQ(core::format_day(all[0].day.value), "2013-04-01");
  EXPECT_EQ(all[0].present, 0b101u);
  EXPECT_EQ(all[0].energy_wh[0], 100);
  EXPECT_EQ(all[0].energy_wh[2], 12345);
  EXPECT_EQ(all[0].quality, Quality::a2);
}

TEST_F(ConsumptionRows, QuotedFieldsOfAWideRowAreTheSame) {
  ingest_text("consumption_wide.csv",
              wide_header() + wide_row("\"1012345678903\",AI,\"2013-04-01\",A", {"\"0.1\""}));
  ASSERT_EQ(days().size(), 1u);
  EXPECT_EQ(days()[0].energy_wh[0], 100);
}

TEST_F(ConsumptionRows, FortyEightQualitiesGoWithTheirPeriods) {
  std::string qualities = "A|E3";
  for (int p = 3; p <= 48; ++p) qualities += "|";
  ingest_text("consumption_wide.csv",
              wide_header() + wide_row("1012345678903,AI,2013-04-01," + qualities, {"1", "2"}));
  const auto all = days();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].quality_of(1), Quality::a);
  EXPECT_EQ(all[0].quality_of(2), Quality::e3);
}

TEST_F(ConsumptionRows, AnotherNumberOfQualitiesIsRejected) {
  reject_wide(wide_row("1012345678903,AI,2013-04-01,A|A", {"1", "2"}), "quality is not valid",
              "quality", "A|A");
}

TEST_F(ConsumptionRows, AWideRowWithoutPeriodsIsRejected) {
  reject_wide(wide_row("1012345678903,AI,2013-04-01,A", {}), "no period given", "p1", "");
}

TEST_F(ConsumptionRows, ANegativePeriodOfAWideRowIsRejectedAlone) {
  expect_period_rejected(wide_row("1012345678903,AI,2013-04-01,A", {"1", "-2", "3"}),
                         "ECS1010 negative energy", "p2", "-2");
}

TEST_F(ConsumptionRows, ATextInAPeriodOfAWideRowIsRejectedAlone) {
  expect_period_rejected(wide_row("1012345678903,AI,2013-04-01,A", {"1", "1e3", "3"}),
                         "energy is not valid", "p2", "1e3");
}

TEST_F(ConsumptionRows, AZeroEstimateOfAWideRowThatIsNotZeroIsRejectedAlone) {
  std::string qualities = "A|ZE|A";
  for (int p = 4; p <= 48; ++p) qualities += "|";
  expect_period_rejected(wide_row("1012345678903,AI,2013-04-01," + qualities, {"1", "0.2", "3"}),
                         "ECS1011 zero estimate that is not zero", "p2", "0.2");
}

TEST_F(ConsumptionRows, AnUnknownQualityOfOnePeriodRejectsThatPeriod) {
  std::string qualities = "A|Q|A";
  for (int p = 4; p <= 48; ++p) qualities += "|";
  expect_period_rejected(wide_row("1012345678903,AI,2013-04-01," + qualities, {"1", "2", "3"}),
                         "quality is not valid", "quality", qualities);
}

TEST_F(ConsumptionRows, EveryBadPeriodOfAWideRowIsToldInItsReason) {
  const auto summary = ingest_text(
      "consumption_wide.csv", wide_header() + wide_row("1012345678903,AI,2013-04-01,A",
                                                       {"-1", "x", "-3", "-4", "-5", "-6", "7"}));
  EXPECT_EQ(summary.rows_read, 1u);
  EXPECT_EQ(summary.rows_accepted, 0u);
  EXPECT_EQ(summary.rows_rejected, 1u);
  EXPECT_EQ(summary.rejected_by_reason.at("ECS1010 negative energy"), 5u);
  EXPECT_EQ(summary.rejected_by_reason.at("energy is not valid"), 1u);
  EXPECT_EQ(days().at(0).present, 0b1000000u);
  const auto rejected = read_text(summary.rejected_file);
  EXPECT_NE(rejected.find("line 2, column p1, value '-1'"), std::string::npos) << rejected;
  EXPECT_NE(rejected.find("; and columns p5 p6"), std::string::npos) << rejected;
}

TEST_F(ConsumptionRows, AWideRowOfBadPeriodsAloneGivesNoEntry) {
  reject_wide(wide_row("1012345678903,AI,2013-04-01,A", {"", "-2"}), "ECS1010 negative energy",
              "p2", "-2");
}

TEST_F(ConsumptionRows, AWideRowWithoutADayIsRejected) {
  reject_wide(wide_row("1012345678903,AI,,A", {"1"}), "utc_day is blank", "utc_day", "");
}

}  // namespace
}  // namespace hhgrid::net
