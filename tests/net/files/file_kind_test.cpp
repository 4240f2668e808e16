#include "net/files/file_kind.hpp"

#include <gtest/gtest.h>

namespace hhgrid::net {
namespace {

TEST(FileKind, AFileNameThatIsAKindIsOfThatKind) {
  for (int i = 0; i < file_kind_count; ++i) {
    const auto kind = static_cast<FileKind>(i);
    EXPECT_EQ(kind_of_file("some/folder/" + std::string(to_string(kind)) + ".csv"), kind);
  }
}

TEST(FileKind, TheLongestKindThatBeginsTheNameCounts) {
  EXPECT_EQ(kind_of_file("consumption_wide-2013.csv.gz"), FileKind::consumption_wide);
  EXPECT_EQ(kind_of_file("consumption-2013.csv.zst"), FileKind::consumption);
}

TEST(FileKind, ANameThatGoesOnWithLettersIsNotThatKind) {
  EXPECT_FALSE(kind_of_file("consumptions.csv"));
  EXPECT_FALSE(kind_of_file("readsheet.csv"));
}

TEST(FileKind, LineLossFilesAreKnownByTheirExtension) {
  EXPECT_EQ(kind_of_file("llflond20260401.ptf"), FileKind::line_losses);
  EXPECT_EQ(kind_of_file("llflond20260401ptf.zip"), FileKind::line_losses);
}

TEST(FileKind, AnUnknownNameIsAnErrorThatNamesTheFile) {
  const auto kind = kind_of_file("things/prices.csv");
  ASSERT_FALSE(kind);
  EXPECT_EQ(kind.error().code, IngestErrc::unknown_kind);
  EXPECT_NE(kind.error().text.find("things/prices.csv"), std::string::npos);
}

TEST(FileKind, StandingDataComesBeforeRegistrationsAndTheseBeforeConsumption) {
  EXPECT_LT(FileKind::bmus, FileKind::registrations);
  EXPECT_LT(FileKind::line_losses, FileKind::registrations);
  EXPECT_LT(FileKind::registrations, FileKind::annual_consumption);
  EXPECT_LT(FileKind::annual_consumption, FileKind::consumption);
}

}  // namespace
}  // namespace hhgrid::net
