#include "core/decimal.hpp"
#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {
namespace {

class StandingRows : public IngestFixture {};

TEST_F(StandingRows, ABmuIsReadAndGoesToTheMarketPartition) {
  ingest_text("bmus.csv",
              "bmu_id,supplier_id,gsp_group_id,default_unit,effective_from,effective_to\n"
              "2__CEDFE000,EDFE,_C,T,2010-01-01,\n");
  const auto all = decoded<core::Bmu>(&storage::decode_bmu);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].id.view(), "2__CEDFE000");
  EXPECT_TRUE(all[0].default_unit);
  EXPECT_EQ(delivered_[0].partition, topology.market());
}

TEST_F(StandingRows, AComponentClassIsReadWithItsWeight) {
  ingest_text(
      "component_classes.csv",
      "ccc_id,connection_type,measurement_quantity,market_segment,indicator,weight,effective_from\n"
      "160,W,AI,U,L,1.30,2010-01-01\n");
  const auto all = decoded<core::ComponentClass>(&storage::decode_component_class);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].ccc_id, 160);
  EXPECT_EQ(all[0].weight_hundredths, 130);
  EXPECT_EQ(all[0].indicator, core::Indicator::losses);
}

TEST_F(StandingRows, AComponentClassIdOverThreeDigitsIsRejected) {
  expect_rejected(ingest_text("component_classes.csv",
                              "ccc_id,connection_type,measurement_quantity,market_segment,"
                              "indicator,weight,effective_from\n"
                              "1000,W,AI,U,L,1.30,2010-01-01\n"),
                  "ccc_id is not valid", "ccc_id", "1000");
}

TEST_F(StandingRows, AWeightWithThreeDecimalsIsRejected) {
  expect_rejected(ingest_text("component_classes.csv",
                              "ccc_id,connection_type,measurement_quantity,market_segment,"
                              "indicator,weight,effective_from\n"
                              "160,W,AI,U,L,1.305,2010-01-01\n"),
                  "weight is not valid", "weight", "1.305");
}

TEST_F(StandingRows, ADefaultShapeIsReadWithWhatItLeavesOpen) {
  std::string text = "domestic,day_type";
  for (int p = 1; p <= 48; ++p) text += ",p" + std::to_string(p);
  text += "\nT,SAT";
  for (int p = 1; p <= 48; ++p) text += ",0." + std::to_string(100 + p);
  ingest_text("default_shapes.csv", text + "\n");
  const auto all = decoded<core::DefaultShapeRow>(&storage::decode_default_shape);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_FALSE(all[0].gsp_group);
  EXPECT_EQ(all[0].domestic, true);
  EXPECT_EQ(all[0].day_type, core::DayType::saturday);
  EXPECT_EQ(all[0].energy_wh[0], 101);
  EXPECT_EQ(all[0].energy_wh[47], 148);
}

TEST_F(StandingRows, ADefaultShapeWithABlankPeriodIsRejected) {
  std::string text = "domestic,p1", row = "\nT,";
  for (int p = 2; p <= 48; ++p) {
    text += ",p" + std::to_string(p);
    row += ",1";
  }
  expect_rejected(ingest_text("default_shapes.csv", text + row + "\n"), "energy is blank", "p1",
                  "");
}

TEST_F(StandingRows, ARunDateIsRead) {
  ingest_text("run_dates.csv",
              "settlement_date,settlement_code,cutoff_utc,run_date\n2013-04-01,SF,2013-04-20T12:00:"
              "00Z,2013-04-22\n");
  const auto all = decoded<storage::RunDateRow>(&storage::decode_run_date);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].code, core::SettlementCode::sf);
  EXPECT_EQ(core::format_instant(all[0].run_date.cutoff), "2013-04-20T12:00:00Z");
  EXPECT_EQ(core::format_day(all[0].run_date.run_day), "2013-04-22");
}

TEST_F(StandingRows, ACutOffThatIsNoInstantIsRejected) {
  expect_rejected(ingest_text("run_dates.csv",
                              "settlement_date,settlement_code,cutoff_utc,run_date\n2013-04-01,SF,"
                              "2013-04-20,2013-04-22\n"),
                  "cutoff_utc is not valid", "cutoff_utc", "2013-04-20");
}

TEST_F(StandingRows, ABankHolidayIsReadWithAQuotedName) {
  ingest_text("bank_holidays.csv", "date,name\n2013-12-26,\"Boxing Day, England\"\n");
  const auto all = decoded<storage::BankHoliday>(&storage::decode_bank_holiday);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "Boxing Day, England");
}

TEST_F(StandingRows, ANameThatIsTooLongIsRejected) {
  const std::string name(101, 'x');
  expect_rejected(ingest_text("bank_holidays.csv", "date,name\n2013-12-26," + name + "\n"),
                  "name is not valid", "name", name);
}

}  // namespace
}  // namespace hhgrid::net
