#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {
namespace {

class SettlementPeriodRows : public IngestFixture {};

const std::string loss_header = "distributor_id,llfc_id,settlement_date,settlement_period,llf\n";
const std::string take_header = "gsp_group_id,settlement_date,settlement_period,mwh,flag\n";

TEST_F(SettlementPeriodRows, TheLineLossesOfADayBecomeOneEntry) {
  const auto summary = ingest_text("line_losses.csv", loss_header +
                                                          "12,1,2013-04-01,1,1.078\n"
                                                          "12,1,2013-04-01,2,0.984\n"
                                                          "12,1,2013-04-02,1,1.1\n");
  EXPECT_EQ(summary.entries, 2u);
  const auto all = decoded<storage::LineLosses>(&storage::decode_line_losses);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].distributor, 12);
  EXPECT_EQ(all[0].llfc.view(), "001");
  EXPECT_EQ(all[0].thousandths[0], 1078);
  EXPECT_EQ(all[0].thousandths[1], 984);
  EXPECT_EQ(all[1].thousandths[0], 1100);
}

TEST_F(SettlementPeriodRows, APeriodThatTheDayDoesNotHaveIsRejected) {
  // The clocks went forward on 31 March 2013: 46 periods.
  expect_rejected(ingest_text("line_losses.csv", loss_header + "12,1,2013-03-31,47,1.078\n"),
                  "settlement_period is not valid", "settlement_period", "47");
}

TEST_F(SettlementPeriodRows, TheFiftiethPeriodOfALongDayIsAccepted) {
  EXPECT_EQ(
      ingest_text("line_losses.csv", loss_header + "12,1,2013-10-27,50,1.078\n").rows_accepted, 1u);
}

TEST_F(SettlementPeriodRows, TwoLineLossesOfOnePeriodGoToTheMarketBoth) {
  const auto summary = ingest_text("line_losses.csv", loss_header +
                                                          "12,1,2013-04-01,1,1.078\n"
                                                          "12,1,2013-04-01,1,1.079\n"
                                                          "12,1,2013-04-01,2,1.080\n");
  EXPECT_EQ(summary.rows_accepted, 3u);
  const auto all = decoded<storage::LineLosses>(&storage::decode_line_losses);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].thousandths[0], 1078);
  EXPECT_EQ(all[0].thousandths[1], 1080);
  EXPECT_EQ(all[1].thousandths[0], 1079);
  EXPECT_EQ(all[1].thousandths[1], 0);
}

TEST_F(SettlementPeriodRows, WhatIsSaidAThirdTimeBeginsAnew) {
  ingest_text("line_losses.csv", loss_header +
                                     "12,1,2013-04-01,1,1.078\n12,1,2013-04-01,1,1.0780\n"
                                     "12,1,2013-04-01,1,1.079\n");
  const auto all = decoded<storage::LineLosses>(&storage::decode_line_losses);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].thousandths[0], 1078) << "unchanged for the market";
  EXPECT_EQ(all[2].thousandths[0], 1079);
}

TEST_F(SettlementPeriodRows, ALineLossFactorOfZeroIsRejected) {
  expect_rejected(ingest_text("line_losses.csv", loss_header + "12,1,2013-04-01,1,0\n"),
                  "llf is not valid", "llf", "0");
}

TEST_F(SettlementPeriodRows, TheGroupTakesOfADayBecomeOneEntryInWattHours) {
  const auto summary = ingest_text("group_takes.csv", take_header +
                                                          "_C,2013-04-01,1,680.123456,A\n"
                                                          "_C,2013-04-01,3,-0.000001,E\n"
                                                          "_D,2013-04-01,1,1,\n");
  EXPECT_EQ(summary.entries, 2u);
  const auto all = decoded<storage::GroupTake>(&storage::decode_group_take);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].gsp_group.to_string(), "_C");
  EXPECT_EQ(all[0].take.present.to_ullong(), 0b101u);
  EXPECT_EQ(all[0].take.estimated.to_ullong(), 0b100u);
  EXPECT_EQ(all[0].take.energy_wh[0], 680'123'456);
  EXPECT_EQ(all[0].take.energy_wh[2], -1);
}

TEST_F(SettlementPeriodRows, AGroupTakeWithSevenDecimalsIsRejected) {
  expect_rejected(ingest_text("group_takes.csv", take_header + "_C,2013-04-01,1,1.0000001,A\n"),
                  "mwh is not valid", "mwh", "1.0000001");
}

TEST_F(SettlementPeriodRows, AnUnknownFlagOfAGroupTakeIsRejected) {
  expect_rejected(ingest_text("group_takes.csv", take_header + "_C,2013-04-01,1,1,F\n"),
                  "flag is not valid", "flag", "F");
}

TEST_F(SettlementPeriodRows, TwoGroupTakesOfOnePeriodGoToTheGroupBoth) {
  const auto summary = ingest_text("group_takes.csv", take_header +
                                                          "_C,2013-04-01,1,1,A\n"
                                                          "_C,2013-04-01,2,3,A\n"
                                                          "_C,2013-04-01,1,1,E\n");
  EXPECT_EQ(summary.rows_accepted, 3u);
  const auto all = decoded<storage::GroupTake>(&storage::decode_group_take);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].take.present.to_ullong(), 0b11u);
  EXPECT_EQ(all[0].take.estimated.to_ullong(), 0u);
  EXPECT_EQ(all[0].take.energy_wh[1], 3'000'000);
  EXPECT_EQ(all[1].take.present.to_ullong(), 0b1u);
  EXPECT_EQ(all[1].take.estimated.to_ullong(), 0b1u);
}

}  // namespace
}  // namespace hhgrid::net
