#include "net/files/csv_writer.hpp"

#include <gtest/gtest.h>

#include "core/assertion.hpp"

namespace hhgrid::net {
namespace {

std::string table(TableFormat format, int rows) {
  std::string out;
  TableWriter writer(format, {"id", "period", "mwh", "final", "note"}, [&](std::string_view bytes) {
    out += bytes;
    return true;
  });
  for (int i = 0; i < rows; ++i) {
    writer.text("_C").integer(i + 1).decimal(-1500 * i, 6).boolean(i == 0).blank();
    writer.end_row();
  }
  EXPECT_TRUE(writer.finish());
  return out;
}

TEST(CsvWriter, RowsAreWrittenUnderTheirHeader) {
  EXPECT_EQ(table(TableFormat::csv, 2),
            "id,period,mwh,final,note\n_C,1,0.000000,T,\n_C,2,-0.001500,F,\n");
}

TEST(CsvWriter, JsonIsAnArrayOfObjects) {
  EXPECT_EQ(table(TableFormat::json, 2),
            "[\n{\"id\":\"_C\",\"period\":1,\"mwh\":0.000000,\"final\":true,\"note\":null},\n"
            "{\"id\":\"_C\",\"period\":2,\"mwh\":-0.001500,\"final\":false,\"note\":null}\n]\n");
}

TEST(CsvWriter, JsonLinesAreOneObjectEach) {
  EXPECT_EQ(table(TableFormat::jsonl, 1),
            "{\"id\":\"_C\",\"period\":1,\"mwh\":0.000000,\"final\":true,\"note\":null}\n");
}

TEST(CsvWriter, ATableWithoutRowsIsStillATable) {
  EXPECT_EQ(table(TableFormat::csv, 0), "id,period,mwh,final,note\n");
  EXPECT_EQ(table(TableFormat::json, 0), "[]\n");
  EXPECT_EQ(table(TableFormat::jsonl, 0), "");
}

TEST(CsvWriter, AFieldIsQuotedOnlyWhenItHasToBe) {
  std::string out;
  for (const char* text : {"plain", "a,b", "say \"x\"", "two\nlines", ""}) {
    append_csv_field(out, text);
    out += ';';
  }
  EXPECT_EQ(out, "plain;\"a,b\";\"say \"\"x\"\"\";\"two\nlines\";;");
}

TEST(CsvWriter, JsonStringsReplaceWhatIsNoUtf8) {
  std::string out;
  append_json_string(out, "caf\xE9 0.1\xA0 \xED\xA0\x80");
  EXPECT_EQ(out, "\"caf\\ufffd 0.1\\ufffd \\ufffd\\ufffd\\ufffd\"");
}

TEST(CsvWriter, JsonStringsEscapeWhatActsOnATerminal) {
  std::string out;
  append_json_string(out, "\x1b[31m\x7f\xC2\x9B\xE2\x80\xAE");
  EXPECT_EQ(out, "\"\\u001b[31m\\u007f\\u009b\\u202e\"");
}

TEST(CsvWriter, JsonStringsEscapeWhatTheyMust) {
  std::string out;
  append_json_string(out, "a\"b\\c\n\x01\xC3\xA9");
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\n\\u0001\xC3\xA9\"");
}

TEST(CsvWriter, ARowWithTooFewValuesIsADefect) {
  TableWriter writer(TableFormat::csv, {"a", "b"}, [](std::string_view) { return true; });
  writer.integer(1);
  EXPECT_THROW(writer.end_row(), core::BrokenInvariant);
}

TEST(CsvWriter, ARowWithTooManyValuesIsADefect) {
  TableWriter writer(TableFormat::csv, {"a"}, [](std::string_view) { return true; });
  writer.integer(1);
  EXPECT_THROW(writer.integer(2), core::BrokenInvariant);
}

TEST(CsvWriter, AnOutputThatRefusesIsReported) {
  TableWriter writer(TableFormat::csv, {"a"}, [](std::string_view) { return false; });
  EXPECT_FALSE(writer.finish());
}

TEST(CsvWriter, AnUnknownFormatIsAnErrorThatNamesTheChoices) {
  EXPECT_EQ(parse_table_format("jsonl"), TableFormat::jsonl);
  EXPECT_EQ(parse_table_format("xml").error().text, "'xml' is not a format: csv, json or jsonl");
}

}  // namespace
}  // namespace hhgrid::net
