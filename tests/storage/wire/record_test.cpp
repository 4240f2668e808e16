#include "storage/wire/record.hpp"

#include <gmock/gmock.h>

#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::storage {
namespace {

using testing::HasSubstr;

std::string dead_letter(std::uint16_t version = record_format) {
  RecordBuilder<schema::DeadLetterRecord> record;
  record->setFormatVersion(version);
  record->setReason("it failed");
  record->setAddress("meter/1012345678903");
  return record.bytes();
}

tl::expected<std::string, Error> read_reason(std::string_view bytes) {
  return read_record<schema::DeadLetterRecord>(
      bytes, "store key", [](auto record) -> std::string { return record.getReason().cStr(); });
}

TEST(Record, ReadsWhatWasBuiltWithTheNewestFormat) {
  const auto reason = read_reason(dead_letter());
  ASSERT_TRUE(reason) << reason.error().text;
  EXPECT_EQ(*reason, "it failed");
}

TEST(Record, ANewerFormatIsAnErrorThatNamesIt) {
  const auto reason = read_reason(dead_letter(record_format + 6));
  ASSERT_FALSE(reason);
  EXPECT_EQ(reason.error().code, Errc::newer_format);
  EXPECT_THAT(reason.error().text,
              HasSubstr("store key: record format " + std::to_string(record_format + 6)));
}

TEST(Record, ARecordWithoutAFormatIsDamaged) {
  const auto reason = read_reason(dead_letter(0));
  ASSERT_FALSE(reason);
  EXPECT_EQ(reason.error().code, Errc::damaged);
}

TEST(Record, EveryTruncationIsDamagedAndNoneIsRead) {
  const std::string whole = dead_letter();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto reason = read_reason(std::string_view(whole).substr(0, size));
    ASSERT_FALSE(reason) << size;
    EXPECT_EQ(reason.error().code, Errc::damaged) << size;
    EXPECT_THAT(reason.error().text, HasSubstr("store key")) << size;
  }
}

TEST(Record, EveryFlippedByteIsReadOrRefusedButNeverHarms) {
  const std::string whole = dead_letter();
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const int bit : {1, 16, 128}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ bit);
      const auto reason = read_reason(bytes);
      if (!reason) {
        EXPECT_THAT(reason.error().text, HasSubstr("store key"));
      }
    }
}

TEST(Record, WhatTheReaderThrowsIsDamageOfTheRecord) {
  const auto read = read_record<schema::DeadLetterRecord>(
      dead_letter(), "store key",
      [](auto) -> int { throw std::runtime_error("has no such meter"); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::damaged);
  EXPECT_EQ(read.error().text, "store key: has no such meter");
}

TEST(Record, KeysAreShownInPrintableCharacters) {
  EXPECT_EQ(printable_key(std::string_view("m\x00\x1f _C\\", 7)), "m\\x00\\x1f\\x20_C\\x5c");
}

}  // namespace
}  // namespace hhgrid::storage
