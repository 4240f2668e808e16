// Readings of real households and a published line loss file, as far as they are at hand beside the
// project.

#include <bit>

#include "core/decimal.hpp"
#include "net/files/line_reader.hpp"
#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {
namespace {

const std::filesystem::path shared_data =
    std::filesystem::path(HHGRID_PROJECT_DIR) / "../shared/data";

class RealCase : public IngestFixture {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(shared_data)) GTEST_SKIP() << "no data at " << shared_data;
  }
};

/// A made-up MPAN for a household `MAC000002`.
std::string mpan_of(std::string_view household) {
  return core::Mpan::from_body(120'000'000'000 + std::stoull(std::string(household.substr(3))))
      .to_string();
}

TEST_F(RealCase, TheReadingsOfRealHouseholdsAreAcceptedWhenTheyAreExact) {
  // `LCLid,tstp,kwh`: the first rows of the published file, stamped by the start of the period.
  auto source = open_source(shared_data / "lcl_325_households_2013/lcl_2013_long_part1.csv.gz");
  ASSERT_TRUE(source) << source.error().text;
  LineReader lines(std::move(*source));
  lines.next();
  std::string csv = "mpan,measurement_quantity,period_end_utc,kwh,quality\n";
  core::WattHours expected_wh = 0;
  std::uint64_t rows = 0, inexact = 0;
  while (rows < 100'000) {
    const auto line = lines.next();
    ASSERT_TRUE(line);
    const auto first = line->find(','), second = line->find(',', first + 1);
    auto stamp = std::string(line->substr(first + 1, second - first - 1));
    if (stamp.size() == 16) stamp += ":00";
    stamp[10] = 'T';
    const auto start = core::parse_instant(stamp.substr(0, 19) + "Z");
    ASSERT_TRUE(start) << *line;
    const auto kwh = std::string(line->substr(second + 1));
    const auto energy_wh = core::parse_decimal(kwh, 3);
    expected_wh += energy_wh.value_or(0);
    if (!energy_wh) ++inexact;
    csv += mpan_of(line->substr(0, first)) + ",AI," +
           core::format_instant({start->milliseconds + 30 * 60 * 1000}) + "," + kwh + ",A\n";
    ++rows;
  }
  const auto summary = ingest_text("consumption.csv", csv);
  // Some values carry the rounding errors of floating point, 1.0779999: more decimals than energy
  // has.
  EXPECT_GT(inexact, 0u);
  EXPECT_EQ(summary.rejected_by_reason.at("kwh is not valid"), inexact);
  EXPECT_EQ(summary.rows_accepted, rows - inexact);
  core::WattHours ingested_wh = 0;
  std::uint64_t periods = 0;
  for (const auto& day : decoded<storage::ConsumptionDay>(&storage::decode_consumption)) {
    periods += static_cast<std::uint64_t>(std::popcount(day.present));
    for (const auto wh : day.energy_wh) ingested_wh += wh;
  }
  EXPECT_EQ(periods, rows - inexact);
  EXPECT_EQ(ingested_wh, expected_wh);
}

TEST_F(RealCase, APublishedLineLossFileIsAccepted) {
  const auto summary = ingest(shared_data / "elexon_llf_ptf/llflond20260401ptf.zip");
  EXPECT_TRUE(summary.complete()) << summary.files[0].error->text;
  EXPECT_EQ(summary.rows_accepted(), 2'908'320u);
  // 166 classes on 365 days.
  EXPECT_EQ(summary.files[0].entries, 60'590u);
}

}  // namespace
}  // namespace hhgrid::net
