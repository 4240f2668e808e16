#include "net/files/ingest.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>

#include "tests/net/files/ingest_fixture.hpp"
#include "tests/net/files/ptf_file.hpp"

namespace hhgrid::net {
namespace {

const std::string holidays = "date,name\n2013-12-25,Christmas Day\n";
const std::string bad_holidays = "date,name\n2013-12-25,Christmas Day\n2013-13-01,None\n";
const std::string units =
    "bmu_id,supplier_id,gsp_group_id,default_unit,effective_from,effective_to\n2__CEDFE000,EDFE,_C,"
    "T,2010-01-01,\n";
const std::string annual = "mpan,effective_from,kwh,quality\n1012345678903,2013-04-01,3100.5,1\n";

class Ingest : public IngestFixture {
 protected:
  std::vector<std::string> names(const IngestSummary& summary) const {
    std::vector<std::string> names;
    for (const auto& file : summary.files)
      names.push_back(std::filesystem::path(file.name).filename().string());
    return names;
  }
};

TEST_F(Ingest, AFolderIsLoadedInDependencyOrder) {
  folder_.write("annual_consumption.csv", annual);
  folder_.write("bmus.csv", units);
  folder_.write("bank_holidays.csv", holidays);
  folder_.write("notes.txt", "nothing");
  const auto summary = ingest(folder_.path());
  EXPECT_TRUE(summary.complete());
  EXPECT_EQ(names(summary),
            (std::vector<std::string>{"bank_holidays.csv", "bmus.csv", "annual_consumption.csv"}));
  EXPECT_EQ(summary.rows_accepted(), 3u);
  EXPECT_EQ(delivered_.size(), 3u);
}

TEST_F(Ingest, SubFoldersAreNotLookedInto) {
  folder_.write("bank_holidays.csv", holidays);
  folder_.write("late/bmus.csv", units);
  EXPECT_EQ(ingest(folder_.path()).files.size(), 1u);
}

TEST_F(Ingest, WhatIsNotTakenOfAFolderIsNamedWithTheReason) {
  folder_.write("bank_holidays.csv", holidays);
  folder_.write("bank_holidays.csv.rejected.csv", holidays);
  folder_.write("notes.txt", "nothing");
  folder_.write("._bank_holidays.csv", "junk");
  folder_.write("late/bmus.csv", units);
  mkfifo((folder_.path() / "consumption.csv").c_str(), 0600);
  std::filesystem::create_symlink("loop.csv", folder_.path() / "loop.csv");
  std::filesystem::create_symlink("missing.csv", folder_.path() / "dangling.csv");
  const auto summary = ingest(folder_.path());
  EXPECT_TRUE(summary.complete());
  EXPECT_EQ(summary.rows_accepted(), 1u);
  std::map<std::string, std::string> reasons;
  for (const auto& passed : summary.passed_over)
    reasons[std::filesystem::path(passed.name).filename().string()] = passed.reason;
  EXPECT_EQ(reasons.size(), 7u);
  EXPECT_NE(reasons["consumption.csv"].find("a pipe"), std::string::npos);
  EXPECT_NE(reasons["loop.csv"].find("a link that leads to no file"), std::string::npos);
  EXPECT_NE(reasons["dangling.csv"].find("a link that leads to no file"), std::string::npos);
  EXPECT_NE(reasons["late"].find("a folder"), std::string::npos);
  EXPECT_NE(reasons["notes.txt"].find("ends in none of"), std::string::npos);
  EXPECT_NE(reasons["._bank_holidays.csv"].find("Macintosh"), std::string::npos);
  EXPECT_NE(reasons["bank_holidays.csv.rejected.csv"].find("rejected rows"), std::string::npos);
}

TEST_F(Ingest, NamesAndEndingsMayBeInCapitals) {
  folder_.write("BANK_HOLIDAYS.CSV", holidays);
  EXPECT_EQ(ingest(folder_.path()).rows_accepted(), 1u);
}

TEST_F(Ingest, ReadingStopsWhenTooManyRowsAreRejectedAndWhatWasTakenStays) {
  std::string text = holidays;
  for (int i = 0; i < 100; ++i) text += "nonsense,\n";
  const auto summary =
      ingest_text("bank_holidays.csv", text + holidays, {.rejected_limits = {.rows_max = 10}});
  ASSERT_TRUE(summary.error);
  EXPECT_EQ(summary.error->code, IngestErrc::too_many_rejected);
  EXPECT_NE(summary.error->text.find("before line 13"), std::string::npos) << summary.error->text;
  EXPECT_EQ(summary.rows_rejected, 10u);
  EXPECT_EQ(summary.rows_read, 11u);
  EXPECT_EQ(delivered_.size(), 1u);
}

TEST_F(Ingest, TheRowsThatAreRejectedHaveALimitInBytes) {
  std::string text = "date,name\n";
  for (int i = 0; i < 100; ++i) text += std::string(1000, 'x') + ",\n";
  const auto summary =
      ingest_text("bank_holidays.csv", text, {.rejected_limits = {.bytes_max = 10'000}});
  ASSERT_TRUE(summary.error);
  EXPECT_EQ(summary.error->code, IngestErrc::too_many_rejected);
  EXPECT_LT(std::filesystem::file_size(summary.rejected_file), 13'000u);
  EXPECT_GE(std::filesystem::file_size(summary.rejected_file), 10'000u);
}

TEST_F(Ingest, AsManyRejectedRowsAsTheLimitIsAreNoErrorAtTheEnd) {
  EXPECT_FALSE(
      ingest_text("bank_holidays.csv", bad_holidays, {.rejected_limits = {.rows_max = 1}}).error);
}

TEST_F(Ingest, ALineLossFileOfNonsenseStopsAtTheLimitToo) {
  const auto text = ptf_text(std::vector<std::string>(1000, "x"));
  const auto summary = ingest_text("a.ptf", text, {.rejected_limits = {.rows_max = 10}});
  ASSERT_TRUE(summary.error);
  EXPECT_EQ(summary.error->code, IngestErrc::too_many_rejected);
  EXPECT_EQ(summary.rows_rejected, 10u);
}

TEST_F(Ingest, LinesWithoutAnyValueAreCountedAndNotRejected) {
  const auto summary = ingest_text("bank_holidays.csv", holidays + "\n,\n , \n\r\n");
  EXPECT_EQ(summary.rows_read, 1u);
  EXPECT_EQ(summary.rows_rejected, 0u);
  EXPECT_EQ(summary.empty_lines, 4u);
}

TEST_F(Ingest, EachReasonHasItsFirstPlace) {
  const auto summary = ingest_text("bank_holidays.csv", "date,name\n,a\nx,b\n,c\n2013-13-01,d\n");
  EXPECT_EQ(summary.rejected_by_reason.at("date is blank"), 2u);
  EXPECT_EQ(summary.first_by_reason.at("date is blank").line, 2u);
  EXPECT_EQ(summary.first_by_reason.at("date is not valid").line, 3u);
}

TEST_F(Ingest, AFileInUtf16IsRefusedWithOneSentence) {
  const std::string utf16(
      "\xFF\xFE"
      "d\0a\0t\0e\0\n\0",
      12);
  for (const auto* name : {"bank_holidays.csv", "losses.ptf"}) {
    const auto summary = ingest_text(name, utf16);
    ASSERT_TRUE(summary.error) << name;
    EXPECT_NE(summary.error->text.find("UTF-16"), std::string::npos) << summary.error->text;
    EXPECT_EQ(summary.rows_rejected, 0u);
    EXPECT_TRUE(ingest_text(name, utf16.substr(2)).error) << "without its mark";
  }
}

TEST_F(Ingest, AFileSeparatedByTabsIsRefusedWithOneSentence) {
  const auto summary = ingest_text("bank_holidays.csv", "date\tname\n2013-12-25\tChristmas\n");
  ASSERT_TRUE(summary.error);
  EXPECT_NE(summary.error->text.find("not by tabs"), std::string::npos) << summary.error->text;
}

TEST_F(Ingest, ASpreadsheetIsRefusedWithOneSentence) {
  const auto summary = ingest_text("bank_holidays.csv", std::string("PK\x03\x04\x14\0\n", 7));
  ASSERT_TRUE(summary.error);
  EXPECT_NE(summary.error->text.find("spreadsheet"), std::string::npos) << summary.error->text;
}

TEST_F(Ingest, ABlockNamesItsFile) {
  const auto path = folder_.write("bank_holidays.csv", holidays);
  ingest(path);
  EXPECT_EQ(storage::BlockView(delivered_.at(0).block).source(), path.string());
}

TEST_F(Ingest, ACompressedFileIsTheSame) {
  const gzFile file = gzopen((folder_.path() / "bank_holidays.csv.gz").c_str(), "wb");
  gzwrite(file, holidays.data(), static_cast<unsigned>(holidays.size()));
  gzclose(file);
  EXPECT_EQ(ingest(folder_.path()).rows_accepted(), 1u);
}

TEST_F(Ingest, ABadRowIsWrittenBesideTheFileWithItsReason) {
  const auto summary = ingest_text("bank_holidays.csv", bad_holidays);
  EXPECT_EQ(summary.rows_read, 2u);
  EXPECT_EQ(summary.rows_accepted, 1u);
  EXPECT_EQ(summary.rows_rejected, 1u);
  EXPECT_EQ(summary.rejected_file, folder_.path() / "bank_holidays.csv.rejected.csv");
  EXPECT_EQ(read_text(summary.rejected_file),
            "date,name,reason\n"
            "2013-13-01,None,\"line 3, column date, value '2013-13-01': '2013-13-01' is not a day "
            "as YYYY-MM-DD (date is "
            "not valid)\"\n");
}

TEST_F(Ingest, WithoutBadRowsNoFileOfRejectedRowsIsMade) {
  EXPECT_TRUE(ingest_text("bank_holidays.csv", holidays).rejected_file.empty());
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "bank_holidays.csv.rejected.csv"));
}

TEST_F(Ingest, ARepairedFileOfRejectedRowsIsLoadedByItsName) {
  const auto summary =
      ingest_text("bank_holidays.csv.rejected.csv",
                  "date,name,reason\n2013-12-26,Boxing Day,\"line 3: repaired\"\n");
  EXPECT_FALSE(summary.error);
  EXPECT_EQ(summary.rows_accepted, 1u);
}

TEST_F(Ingest, AFileOfRejectedRowsIsNeverWrittenOver) {
  ingest_text("bank_holidays.csv", bad_holidays);
  const auto repaired = folder_.write("bank_holidays.csv.rejected.csv", "being repaired");
  const auto again = ingest_text("bank_holidays.csv", bad_holidays);
  EXPECT_EQ(read_text(repaired), "being repaired");
  EXPECT_EQ(again.rejected_file, folder_.path() / "bank_holidays.csv.2.rejected.csv");
  EXPECT_FALSE(again.error);
  EXPECT_EQ(ingest_text("bank_holidays.csv", bad_holidays).rejected_file,
            folder_.path() / "bank_holidays.csv.3.rejected.csv");
}

TEST_F(Ingest, AFolderIsLoadedWithoutItsFilesOfRejectedRows) {
  folder_.write("bank_holidays.csv", bad_holidays);
  ingest(folder_.path());
  EXPECT_EQ(ingest(folder_.path()).files.size(), 1u);
}

TEST_F(Ingest, RejectedRowsThatCannotBeWrittenAreAnError) {
  const auto summary = ingest_text("bank_holidays.csv", bad_holidays,
                                   {.rejected_folder = folder_.path() / "missing"});
  ASSERT_TRUE(summary.error);
  EXPECT_EQ(summary.error->code, IngestErrc::not_written);
  EXPECT_EQ(summary.rows_accepted, 1u);
}

TEST_F(Ingest, StrictLoadsNothingWhenOneRowIsBad) {
  folder_.write("bmus.csv", units);
  folder_.write("bank_holidays.csv", bad_holidays);
  const auto summary = ingest(folder_.path(), {.strict = true});
  ASSERT_TRUE(summary.error);
  EXPECT_EQ(summary.error->code, IngestErrc::refused);
  EXPECT_EQ(summary.rows_rejected(), 1u);
  EXPECT_TRUE(delivered_.empty());
}

TEST_F(Ingest, StrictLoadsNothingWhenOneFileCannotBeRead) {
  folder_.write("bmus.csv", units);
  folder_.write("bank_holidays.csv", "");
  EXPECT_TRUE(ingest(folder_.path(), {.strict = true}).error);
  EXPECT_TRUE(delivered_.empty());
}

TEST_F(Ingest, StrictLoadsEverythingWhenEveryRowIsGood) {
  folder_.write("bmus.csv", units);
  folder_.write("bank_holidays.csv", holidays);
  const auto summary = ingest(folder_.path(), {.strict = true});
  EXPECT_TRUE(summary.complete());
  EXPECT_EQ(summary.rows_accepted(), 2u);
  EXPECT_EQ(delivered_.size(), 2u);
}

TEST_F(Ingest, AnUnknownColumnRefusesThatFileAndLoadsTheOthers) {
  folder_.write("bmus.csv", units);
  folder_.write("bank_holidays.csv", "date,colour\n2013-12-25,red\n");
  const auto summary = ingest(folder_.path());
  EXPECT_FALSE(summary.complete());
  ASSERT_TRUE(summary.files[0].error);
  EXPECT_EQ(summary.files[0].error->code, IngestErrc::bad_header);
  EXPECT_NE(summary.files[0].error->text.find("'colour' is unknown"), std::string::npos);
  EXPECT_EQ(summary.rows_accepted(), 1u);
}

TEST_F(Ingest, AKindOfTheContractThatIsNotLoadedYetIsAnErrorThatSaysSo) {
  const auto summary = ingest_text("reads.csv", "mpan\n");
  ASSERT_TRUE(summary.error);
  EXPECT_EQ(summary.error->code, IngestErrc::not_supported_yet);
  EXPECT_NE(summary.error->text.find("not supported yet by this version"), std::string::npos);
}

TEST_F(Ingest, AFileOfNoKindIsAnError) {
  EXPECT_EQ(ingest_text("prices.csv", "a\n").error->code, IngestErrc::unknown_kind);
}

TEST_F(Ingest, AKindGivenCountsMoreThanTheName) {
  EXPECT_EQ(ingest_text("prices.csv", holidays, {.kind = FileKind::bank_holidays}).rows_accepted,
            1u);
}

TEST_F(Ingest, AMissingFileIsAnError) {
  const auto summary = ingest(folder_.path() / "bmus.csv");
  ASSERT_TRUE(summary.files.at(0).error);
  EXPECT_EQ(summary.files[0].error->code, IngestErrc::not_found);
}

TEST_F(Ingest, AFolderWithoutFilesOfTheContractIsAnError) {
  const auto summary = ingest(folder_.path());
  EXPECT_FALSE(summary.complete());
  EXPECT_EQ(summary.files.at(0).error->code, IngestErrc::not_found);
}

TEST_F(Ingest, StandardInputWithoutAKindIsAnError) {
  const auto summary = ingest("-");
  EXPECT_EQ(summary.files.at(0).error->code, IngestErrc::unknown_kind);
}

/// Stands for standard input as long as it lives.
class StandardInput {
 public:
  explicit StandardInput(const std::filesystem::path& file) : saved_(dup(0)) {
    const int opened = open(file.c_str(), O_RDONLY);
    dup2(opened, 0);
    close(opened);
    std::clearerr(stdin);
  }
  ~StandardInput() {
    dup2(saved_, 0);
    close(saved_);
  }

 private:
  int saved_;
};

TEST_F(Ingest, StandardInputIsReadByItsKind) {
  const StandardInput input(folder_.write("input", bad_holidays));
  const auto summary =
      ingest("-", {.kind = FileKind::bank_holidays, .rejected_folder = folder_.path()});
  EXPECT_EQ(summary.rows_accepted(), 1u);
  EXPECT_EQ(summary.files.at(0).rejected_file, folder_.path() / "bank_holidays.rejected.csv");
}

TEST_F(Ingest, StrictReadsStandardInputToItsEndBeforeItLoads) {
  const StandardInput input(folder_.write("input", holidays));
  const auto summary = ingest("-", {.strict = true, .kind = FileKind::bank_holidays});
  EXPECT_TRUE(summary.complete());
  EXPECT_EQ(summary.rows_accepted(), 1u);
}

TEST_F(Ingest, AFailingStoreEndsTheIngestion) {
  fail_ = storage::Error{storage::Errc::no_space, "the disk is full"};
  folder_.write("bmus.csv", units);
  folder_.write("bank_holidays.csv", holidays);
  const auto summary = ingest(folder_.path());
  ASSERT_TRUE(summary.error);
  EXPECT_EQ(summary.error->code, IngestErrc::not_stored);
  EXPECT_NE(summary.error->text.find("the disk is full"), std::string::npos);
  EXPECT_EQ(summary.files.size(), 1u);
}

}  // namespace
}  // namespace hhgrid::net
