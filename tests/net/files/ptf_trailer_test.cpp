#include "net/files/ptf_trailer.hpp"

#include "tests/net/files/ingest_fixture.hpp"
#include "tests/net/files/ptf_file.hpp"

namespace hhgrid::net {
namespace {

/// What is wrong with a file; empty for a sound one.
std::string fault(const std::string& text) {
  LineReader lines(memory_source(std::make_shared<const std::string>(text)));
  const auto sound = verify_ptf(lines);
  return sound ? "" : sound.error().text;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  return text.replace(text.find(what), what.size(), with);
}

const std::string good = ptf_text(ptf_day());

TEST(PtfTrailerTest, TheCheckSumIsThatOfOtherPrograms) {
  EXPECT_TRUE(good.ends_with("ZPT|53|823145503\n")) << good.substr(good.size() - 30);
}

TEST(PtfTrailerTest, AWholeFileIsSound) { EXPECT_EQ(fault(good), ""); }

TEST(PtfTrailerTest, OneChangedDigitIsFound) {
  EXPECT_NE(fault(replaced(good, "SPL|8|1.071", "SPL|8|7.071")).find("check sum"),
            std::string::npos);
}

TEST(PtfTrailerTest, ALostRecordIsFound) {
  EXPECT_NE(fault(replaced(good, "SPL|8|1.071\n", "")).find("has 52 records"), std::string::npos);
}

TEST(PtfTrailerTest, AFileWithoutItsTrailerWasCutOff) {
  EXPECT_NE(fault(good.substr(0, good.find("ZPT"))).find("cut off"), std::string::npos);
}

TEST(PtfTrailerTest, ATrailerWithoutACheckSumIsNone) {
  EXPECT_NE(fault(replaced(good, "|823145503", "")), "");
}

TEST(PtfTrailerTest, ARecordBehindTheTrailerIsAFault) {
  EXPECT_NE(fault(good + "SPL|1|1.000\n").find("line 54"), std::string::npos);
}

TEST(PtfTrailerTest, EmptyLinesAndLineEndsCountForNothing) {
  EXPECT_EQ(fault(good + "\n\n"), "");
  EXPECT_EQ(fault(ptf_text(ptf_day(), "\r\n")), "");
}

TEST(PtfTrailerTest, TheHeaderCountsWithoutItsEmptyFieldAndWhatFollowsTheTime) {
  EXPECT_EQ(fault(replaced(good, "||||OPER", "|x|y|z|TEST")), "");
  EXPECT_NE(fault(replaced(good, "|LOND|G", "|LONE|G")), "");
}

TEST(PtfTrailerTest, PublishedFilesAreSound) {
  const std::filesystem::path folder =
      std::filesystem::path(HHGRID_PROJECT_DIR) / "../shared/data/elexon_llf_ptf";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "there is no ../shared/data with published line loss files";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    auto source = open_source(entry.path());
    ASSERT_TRUE(source) << source.error().text;
    LineReader lines(std::move(*source));
    const auto sound = verify_ptf(lines);
    EXPECT_TRUE(sound) << entry.path() << ": " << sound.error().text;
    ++files;
  }
  EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace hhgrid::net
