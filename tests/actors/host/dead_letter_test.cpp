#include "actors/host/dead_letter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/wire/entry_view.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

/// A letter of the first format, as it was stored: of a bank holiday on day 16,000 that came at
/// 1,700,000,000,000. Letters are made by failures alone, so the kept data directories have none.
constexpr std::string_view first_letter =
    "0000000017000000000000000200030008000000000000000068e5cf8b01000009000000820200002d0000006a00"
    "0000310000000a010000000000000300020001000900000000000000000000000000000000000000000004000000"
    "010001000000000000000000803e00000000000001000000520000006120686f6c69646179000000000000006974"
    "2063616e6e6f74206265000000007374616e64696e672f62616e6b5f686f6c696461792f323031332d31302d3232"
    "0000000000000000";

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

class DeadLetterRecord : public testing::Test {
 protected:
  DeadLetterRecord() {
    storage::StoreOptions options;
    options.path = directory_.path();
    store_ = std::move(storage::Store::open(options)).value();
  }
  void put(const std::string& record) {
    storage::Commit commit(*store_);
    commit.put(storage::Family::dead_letter, dead_letter_key({1, 0}), record);
    ASSERT_TRUE(store_->commit(commit, 1));
  }
  ScratchDirectory directory_;
  std::unique_ptr<storage::Store> store_;
};

TEST_F(DeadLetterRecord, OfTheFirstFormatIsReadForEver) {
  put(bytes_of(first_letter));
  const auto read =
      dead_letter_records.get(*store_, dead_letter_key({1, 0}), [](auto letter) -> std::string {
        EXPECT_STREQ(letter.getReason().cStr(), "it cannot be");
        EXPECT_STREQ(letter.getAddress().cStr(), "standing/bank_holiday/2013-10-22");
        EXPECT_EQ(letter.getReceivedAt(), 1'700'000'000'000);
        const auto words = entry_of(letter);
        storage::EntryView view(words);
        EXPECT_EQ(view.entry().value().getBankHoliday().getDay(), 16'000);
        return "read";
      });
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(*read, "read");
}

TEST_F(DeadLetterRecord, IsWhatWasBuried) {
  const Entry entry = bank_holiday_entry(16'000);
  put(dead_letter_record(entry, "standing/bank_holiday/2013-10-22", "it cannot be",
                         {1'700'000'000'001}));
  const auto read =
      dead_letter_records.get(*store_, dead_letter_key({1, 0}), [&](auto letter) -> std::string {
        EXPECT_EQ(letter.getReceivedAt(), 1'700'000'000'001);
        const auto words = entry_of(letter);
        EXPECT_EQ(words.asBytes(), entry.asBytes());
        return "read";
      });
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, "read");
}

}  // namespace
}  // namespace hhgrid::actors::test
