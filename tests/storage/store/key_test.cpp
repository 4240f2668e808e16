#include "storage/store/key.hpp"

#include <gtest/gtest.h>

namespace hhgrid::storage {
namespace {

TEST(Key, APositionIsTakenOffTheEnd) {
  const std::string key = KeyWriter().tag('s').text("_A").position({7, 3}).str();
  const auto split = split_position(key);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->before, KeyWriter().tag('s').text("_A").str());
  EXPECT_EQ(split->position, Position(7, 3));
}

TEST(Key, WhereNothingIsBeforeThePositionThereIsNone) {
  EXPECT_FALSE(split_position(""));
  EXPECT_FALSE(split_position(KeyWriter().u32(1).str()));
  EXPECT_FALSE(split_position(KeyWriter().position({7, 3}).str()));
}

TEST(Key, TheOrderOfKeysIsTheOrderOfTheirParts) {
  const auto key = [](std::int32_t day, std::uint64_t number) {
    return KeyWriter().day(day).u64(number).str();
  };
  EXPECT_LT(key(-2, 9), key(-1, 0));
  EXPECT_LT(key(-1, 9), key(0, 0));
  EXPECT_LT(key(0, 255), key(0, 256));
  EXPECT_LT(key(0, ~std::uint64_t{0}), key(1, 0));
}

TEST(Key, WhatIsReadPastTheEndIsNotComplete) {
  const std::string key = KeyWriter().u16(258).text("ab").str();
  KeyReader whole(key), longer(key), text(std::string_view(key).substr(0, 4));
  EXPECT_EQ(whole.u16(), 258u);
  EXPECT_EQ(whole.text(), "ab");
  EXPECT_TRUE(whole.complete());
  longer.u64();
  EXPECT_FALSE(longer.ok());
  text.u16();
  text.text();
  EXPECT_FALSE(text.ok()) << "the text is cut off";
}

}  // namespace
}  // namespace hhgrid::storage
