#include "net/simulator/line_loss_file.hpp"

#include "core/decimal.hpp"
#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {
namespace {

class LineLossFileTest : public IngestFixture {
 protected:
  std::uint64_t write(const LineLossFileOptions& options) {
    const auto factors = write_line_loss_file(file_, options);
    EXPECT_TRUE(factors) << factors.error().text;
    return factors.value_or(0);
  }
  std::vector<storage::LineLosses> losses() const {
    return decoded<storage::LineLosses>(&storage::decode_line_losses);
  }
  const std::filesystem::path file_ = folder_.path() / "losses.ptf";
};

TEST_F(LineLossFileTest, TheFileIsSoundAndEveryFactorOfItIsTaken) {
  EXPECT_EQ(write({.classes = 170, .days = 2}), 170u * 2 * 48);
  const auto summary = ingest(file_);
  EXPECT_TRUE(summary.complete());
  EXPECT_EQ(summary.rows_accepted(), 170u * 2 * 48);
  const auto all = losses();
  ASSERT_EQ(all.size(), 340u);
  EXPECT_EQ(all.front().distributor, 10);
  EXPECT_EQ(all.back().distributor, 11);
  EXPECT_EQ(all.back().llfc.view(), "004");
}

TEST_F(LineLossFileTest, ADayOnWhichTheClockChangesHasItsPeriods) {
  const auto day = core::parse_settlement_day("2024-10-27");
  EXPECT_EQ(write({.classes = 1, .first_day = *day, .days = 1}), 50u);
  EXPECT_TRUE(ingest(file_).complete());
}

TEST_F(LineLossFileTest, AFileThatCannotBeWrittenIsAnError) {
  const auto done = write_line_loss_file(folder_.path() / "missing" / "losses.ptf", {});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().text.find("cannot be written"), std::string::npos);
}

}  // namespace
}  // namespace hhgrid::net
