#include "net/files/csv_reader.hpp"

#include <algorithm>

#include <gmock/gmock.h>

namespace hhgrid::net {
namespace {

using testing::HasSubstr;

using Rows = std::vector<std::vector<std::string>>;

/// Gives at most `step` bytes at a time, so that records cross every boundary.
class SlowSource : public ByteSource {
 public:
  SlowSource(std::string bytes, std::size_t step) : bytes_(std::move(bytes)), step_(step) {}
  tl::expected<std::size_t, IngestError> read(std::span<char> out) override {
    const auto count = std::min({out.size(), step_, bytes_.size() - next_});
    std::copy_n(bytes_.data() + next_, count, out.data());
    next_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t step_, next_ = 0;
};

constexpr Column columns[] = {{"a"}, {"b"}, {"c", false}};

CsvReader reader_of(std::string text, std::size_t step = 7) {
  return CsvReader(std::make_unique<SlowSource>(std::move(text), step));
}

/// Columns a and b of every good row; "!" and the kind for a bad one.
Rows rows_of(std::string text, std::size_t step = 7) {
  auto reader = reader_of(std::move(text), step);
  const auto header = reader.read_header(columns, "");
  EXPECT_TRUE(header) << header.error().text;
  Rows rows;
  while (true) {
    switch (reader.next()) {
      case CsvReader::Row::good:
        rows.push_back({std::string(reader.field(0)), std::string(reader.field(1))});
        break;
      case CsvReader::Row::bad_field_count:
        rows.push_back({"!count", std::string(reader.record())});
        break;
      case CsvReader::Row::bad_quoting:
        rows.push_back({"!quoting", std::string(reader.record())});
        break;
      case CsvReader::Row::end:
        EXPECT_FALSE(reader.error());
        return rows;
    }
  }
}

std::string header_error(std::string text) {
  auto reader = reader_of(std::move(text));
  const auto header = reader.read_header(columns, "reason");
  EXPECT_FALSE(header);
  if (header) return "";
  EXPECT_EQ(header.error().code, IngestErrc::bad_header);
  return header.error().text;
}

TEST(CsvReader, ColumnsAreFoundByNameInAnyOrder) {
  EXPECT_EQ(rows_of("b,c,a\n1,2,3\n"), (Rows{{"3", "1"}}));
}

TEST(CsvReader, AnAbsentOptionalColumnIsBlank) {
  auto reader = reader_of("a,b\n1,2\n");
  ASSERT_TRUE(reader.read_header(columns, ""));
  ASSERT_EQ(reader.next(), CsvReader::Row::good);
  EXPECT_EQ(reader.field(2), "");
}

TEST(CsvReader, TheLastLineNeedsNoEnd) { EXPECT_EQ(rows_of("a,b\n1,2"), (Rows{{"1", "2"}})); }

TEST(CsvReader, LineEndsOfWindowsAreTolerated) {
  EXPECT_EQ(rows_of("a,b\r\n1,2\r\n\r\n3,4\r\n"), (Rows{{"1", "2"}, {"3", "4"}}));
}

TEST(CsvReader, AByteOrderMarkIsTolerated) {
  EXPECT_EQ(rows_of("\xEF\xBB\xBF"
                    "a,b\n1,2\n"),
            (Rows{{"1", "2"}}));
}

TEST(CsvReader, BlankLinesAreLeftOut) { EXPECT_EQ(rows_of("a,b\n\n1,2\n\n"), (Rows{{"1", "2"}})); }

TEST(CsvReader, QuotedFieldsMayHoldCommasQuotesAndLineEnds) {
  EXPECT_EQ(rows_of("a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\n3,4\n"),
            (Rows{{"x, \"y\"", "two\nlines"}, {"3", "4"}}));
}

TEST(CsvReader, BlanksAroundAFieldAreKept) {
  EXPECT_EQ(rows_of("a,b\n \"1\",2 \n")[0][0], "!quoting");
}

TEST(CsvReader, BlanksInsideQuotesAreKept) {
  EXPECT_EQ(rows_of("a,b\n\" 1 \",2 \n"), (Rows{{" 1 ", "2 "}}));
}

TEST(CsvReader, AQuoteThatIsNeverClosedCostsOneLine) {
  EXPECT_EQ(rows_of("a,b\n1,2\n\"3,4\n5,6\n"),
            (Rows{{"1", "2"}, {"!quoting", "\"3,4"}, {"5", "6"}}));
}

TEST(CsvReader, AfterABrokenQuoteQuotedRowsAreReadAgain) {
  EXPECT_EQ(rows_of("a,b\n\"3\"x,4\n\"5\",6\n"), (Rows{{"!quoting", "\"3\"x,4"}, {"5", "6"}}));
}

TEST(CsvReader, ARowOfAnotherLengthIsBad) {
  EXPECT_EQ(rows_of("a,b\n1\n1,2,3\n4,5\n"),
            (Rows{{"!count", "1"}, {"!count", "1,2,3"}, {"4", "5"}}));
}

TEST(CsvReader, LineNumbersCountTheLinesInsideQuotes) {
  auto reader = reader_of("a,b\n\"1\n1\",2\n3,4\n");
  ASSERT_TRUE(reader.read_header(columns, ""));
  reader.next();
  EXPECT_EQ(reader.line_number(), 2u);
  reader.next();
  EXPECT_EQ(reader.line_number(), 4u);
}

TEST(CsvReader, TheRowsAreTheSameHoweverTheBytesArrive) {
  std::string text = "a,b\n";
  for (int i = 0; i < 300; ++i)
    text += i % 7 == 0 ? "\"q\n" + std::to_string(i) + "\",x\r\n" : std::to_string(i) + ",y\n";
  const auto expected = rows_of(text, text.size());
  EXPECT_EQ(expected.size(), 300u);
  for (std::size_t step = 1; step < 40; ++step) EXPECT_EQ(rows_of(text, step), expected) << step;
}

TEST(CsvReader, AnUnknownColumnIsAnErrorThatNamesIt) {
  EXPECT_NE(header_error("a,b,colour\n").find("'colour' is unknown"), std::string::npos);
}

TEST(CsvReader, AFirstRowThatNamesNoColumnIsNoHeader) {
  EXPECT_EQ(header_error("1,2\n3,4\n"),
            "the first row is no header in UTF-8: it has none of the columns a, b, c");
}

TEST(CsvReader, SemicolonsBetweenColumnsAreNamed) {
  EXPECT_EQ(header_error("a;b;c\n1;2;3\n"),
            "columns are separated by commas, not by ';': it has none of the columns a, b, c");
}

TEST(CsvReader, CompressedBytesUnderAPlainNameAreNamed) {
  EXPECT_THAT(header_error("\x1f\x8b\x08\x04\""), HasSubstr("this is gzip"));
  EXPECT_THAT(header_error("\x28\xb5\x2f\xfd\x04"), HasSubstr("this is Zstandard"));
}

TEST(CsvReader, AnUnknownColumnIsShownWithItsInvisibleCharacters) {
  EXPECT_THAT(header_error("a,b\r\r\n1,2\n"), HasSubstr("column 'b\\x0d' is unknown"));
}

TEST(CsvReader, WhatAnUnknownColumnMayHaveBeenMeantToBeIsNamed) {
  EXPECT_THAT(header_error("a,bb\n1,2\n"), HasSubstr("'bb' is unknown, and missing is b;"));
}

TEST(CsvReader, AMissingColumnIsAnErrorThatNamesIt) {
  EXPECT_NE(header_error("a,c\n").find("'b' is missing"), std::string::npos);
}

TEST(CsvReader, ARepeatedColumnIsAnErrorThatNamesIt) {
  EXPECT_NE(header_error("a,b,a\n").find("'a' stands twice"), std::string::npos);
}

TEST(CsvReader, AnEmptyFileIsAnErrorThatNamesTheColumns) {
  EXPECT_NE(header_error("").find("a, b, c"), std::string::npos);
}

TEST(CsvReader, TheIgnoredColumnMayBeThere) {
  auto reader = reader_of("a,b,reason\n1,2,because\n");
  EXPECT_TRUE(reader.read_header(columns, "reason"));
}

TEST(CsvReader, ALineWithoutEndIsRefusedAtTheLimit) {
  auto reader = reader_of("a,b\n" + std::string(3 * LineReader::line_bytes_max, 'x'), 100'000);
  ASSERT_TRUE(reader.read_header(columns, ""));
  EXPECT_EQ(reader.next(), CsvReader::Row::end);
  ASSERT_TRUE(reader.error());
  EXPECT_NE(reader.error()->text.find("line 2 is longer"), std::string::npos);
}

}  // namespace
}  // namespace hhgrid::net
