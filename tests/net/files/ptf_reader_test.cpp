#include "net/files/ptf_reader.hpp"

#include "core/decimal.hpp"
#include "tests/net/files/ingest_fixture.hpp"
#include "tests/net/files/ptf_file.hpp"

namespace hhgrid::net {
namespace {

class PtfReaderTest : public IngestFixture {
 protected:
  FileSummary ingest_records(const std::vector<std::string>& records) {
    return ingest_text("losses.ptf", ptf_text(records, "\r\n"));
  }
  std::vector<storage::LineLosses> losses() const {
    return decoded<storage::LineLosses>(&storage::decode_line_losses);
  }
};

TEST_F(PtfReaderTest, EachClassAndDayBecomesOneEntry) {
  const auto summary =
      ingest_records({"DIS|LOND", "LLF|1", "SDT|20260401", "SPL|1|1.078", "SPL|2|1.097",
                      "SDT|20260402", "SPL|1|1.079", "LLF|716", "SDT|20260401", "SPL|1|0.984"});
  EXPECT_FALSE(summary.error);
  EXPECT_EQ(summary.rows_read, 4u);
  EXPECT_EQ(summary.rows_accepted, 4u);
  const auto all = losses();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].distributor, 12);
  EXPECT_EQ(all[0].llfc.view(), "001");
  EXPECT_EQ(core::format_day(all[0].day.value), "2026-04-01");
  EXPECT_EQ(all[0].thousandths[0], 1078);
  EXPECT_EQ(all[0].thousandths[1], 1097);
  EXPECT_EQ(all[0].thousandths[2], 0);
  EXPECT_EQ(all[2].llfc.view(), "716");
  EXPECT_EQ(all[2].thousandths[0], 984);
}

TEST_F(PtfReaderTest, APeriodThatTheDayDoesNotHaveIsRejected) {
  const auto summary =
      ingest_records({"DIS|LOND", "LLF|1", "SDT|20260329", "SPL|46|1.078", "SPL|47|1.078"});
  expect_rejected(summary, "settlement period is not valid", "SPL", "47");
  EXPECT_EQ(losses().size(), 1u);
}

TEST_F(PtfReaderTest, AFactorThatIsNoneIsRejected) {
  expect_rejected(ingest_records({"DIS|LOND", "LLF|1", "SDT|20260401", "SPL|1|1.0785"}),
                  "factor is not valid", "SPL", "1.0785");
}

TEST_F(PtfReaderTest, TwoFactorsOfOnePeriodGoToTheMarketBoth) {
  const auto summary = ingest_records({"DIS|LOND", "LLF|1", "SDT|20260401", "SPL|1|1.078",
                                       "SPL|2|1.078", "SPL|1|1.079", "SPL|1|1.080"});
  EXPECT_EQ(summary.rows_read, 4u);
  EXPECT_EQ(summary.rows_accepted, 4u);
  ASSERT_EQ(losses().size(), 3u);
  EXPECT_EQ(losses()[0].thousandths[0], 1078);
  EXPECT_EQ(losses()[0].thousandths[1], 1078);
  EXPECT_EQ(losses()[1].thousandths[0], 1079);
  EXPECT_EQ(losses()[1].thousandths[1], 0);
  EXPECT_EQ(losses()[2].thousandths[0], 1080);
}

TEST_F(PtfReaderTest, AnUnknownRecordIsRejected) {
  expect_rejected(ingest_records({"DIS|LOND", "XYZ|1"}), "record type is not known", "", "XYZ");
}

TEST_F(PtfReaderTest, TheFactorsOfADateThatIsNoneAreRejectedWithIt) {
  const auto summary =
      ingest_records({"DIS|LOND", "LLF|1", "SDT|20260230", "SPL|1|1.078", "SPL|2|1.078"});
  EXPECT_EQ(summary.rejected_by_reason.at("settlement date is not valid"), 1u);
  EXPECT_EQ(summary.rejected_by_reason.at("no valid distributor, class or date above"), 2u);
}

TEST_F(PtfReaderTest, AnUnknownDistributorIsRejected) {
  expect_rejected(ingest_records({"DIS|NOPE"}), "distributor is not known", "DIS", "NOPE");
}

TEST_F(PtfReaderTest, AFileWithoutItsTrailerIsAnError) {
  const auto summary =
      ingest_text("losses.ptf", "ZHD||D0265001|R|LOND|G|CAPG|1||||OPER\nDIS|LOND\n");
  ASSERT_TRUE(summary.error);
  EXPECT_NE(summary.error->text.find("cut off"), std::string::npos);
}

TEST_F(PtfReaderTest, ATrailerThatCountsAnotherNumberIsAnError) {
  const auto summary =
      ingest_text("losses.ptf", "ZHD||D0265001|R|LOND|G|CAPG|1||||OPER\nDIS|LOND\nZPT|4|1\n");
  ASSERT_TRUE(summary.error);
  EXPECT_NE(summary.error->text.find("3 records"), std::string::npos);
}

TEST_F(PtfReaderTest, NothingIsTakenOfAFileWhoseCheckSumIsAnother) {
  auto text = ptf_text(ptf_day());
  text.replace(text.find("SPL|8|1"), 7, "SPL|8|7");
  const auto summary = ingest_text("losses.ptf", text);
  ASSERT_TRUE(summary.error);
  EXPECT_NE(summary.error->text.find("check sum"), std::string::npos);
  EXPECT_EQ(summary.rows_accepted, 0u);
  EXPECT_TRUE(delivered_.empty());
}

TEST_F(PtfReaderTest, EmptyLinesAreCountedAndNotRejected) {
  const auto summary = ingest_text("losses.ptf", ptf_text(ptf_day()) + "\n\n");
  EXPECT_FALSE(summary.error);
  EXPECT_EQ(summary.rows_rejected, 0u);
  EXPECT_EQ(summary.empty_lines, 2u);
}

TEST_F(PtfReaderTest, AnEndingInCapitalsIsTheSame) {
  EXPECT_EQ(ingest_text("LLFLOND.PTF", ptf_text(ptf_day())).rows_accepted, 48u);
}

TEST_F(PtfReaderTest, AnotherFlowIsAnError) {
  const auto summary =
      ingest_text("losses.ptf", "ZHD||D0018001|R|LOND|G|CAPG|1||||OPER\nZPT|2|1\n");
  ASSERT_TRUE(summary.error);
  EXPECT_EQ(summary.error->code, IngestErrc::bad_header);
}

TEST_F(PtfReaderTest, AFileThatBeginsOtherwiseIsAnError) {
  EXPECT_TRUE(ingest_text("losses.ptf", "DIS|LOND\nZPT|2|1\n").error);
}

}  // namespace
}  // namespace hhgrid::net
