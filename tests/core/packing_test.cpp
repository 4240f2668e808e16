#include "core/packing.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/assertion.hpp"

namespace hhgrid::core {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes pack(const std::vector<WattHours>& values) {
  Bytes out(packed_size_max);
  out.resize(pack_values(values, out));
  out.shrink_to_fit();  // so that a sanitizer sees a read past the end
  return out;
}

std::vector<WattHours> unpack(const Bytes& bytes, int count) {
  std::vector<WattHours> values(static_cast<std::size_t>(count));
  EXPECT_TRUE(unpack_values(bytes, count, values.data()));
  return values;
}

bool is_packed_form(const Bytes& bytes, int count) {
  std::array<WattHours, 64> values{};
  return unpack_values(bytes, count, values.data());
}

TEST(PackingTest, EveryWidthAndCountRoundTripsInExactlyTheStatedSize) {
  for (int width = 0; width <= 40; ++width) {
    const WattHours largest = (WattHours{1} << width) - 1;
    for (int count = 1; count <= 50; ++count) {
      std::vector<WattHours> values;
      for (int i = 0; i < count; ++i) values.push_back(i % 3 == 0 ? largest : (largest * i) / 97);
      const auto bytes = pack(values);
      ASSERT_EQ(bytes.size(), 1U + static_cast<std::size_t>(count * width + 7) / 8);
      ASSERT_EQ(unpack(bytes, count), values) << "width " << width << " count " << count;
    }
  }
}

TEST(PackingTest, TheLayoutIsLeastSignificantBitFirst) {
  EXPECT_EQ(pack({5, 2, 7}), (Bytes{3, 0b11'010'101, 0b1}));
  EXPECT_EQ(pack({0, 0, 0}), (Bytes{0}));
  EXPECT_EQ(pack({256}), (Bytes{9, 0, 1}));
}

TEST(PackingTest, AnEmptyListIsOneByte) {
  EXPECT_EQ(pack({}), (Bytes{0}));
  EXPECT_TRUE(is_packed_form({0}, 0));
}

TEST(PackingTest, WrongLengthsAreRefused) {
  auto bytes = pack({5, 2, 7});
  EXPECT_FALSE(is_packed_form({}, 3));
  EXPECT_FALSE(is_packed_form(bytes, 2));
  EXPECT_FALSE(is_packed_form(bytes, 6));
  EXPECT_FALSE(is_packed_form(bytes, -1));
  EXPECT_FALSE(is_packed_form(bytes, 49));
  bytes.push_back(0);
  EXPECT_FALSE(is_packed_form(bytes, 3));
}

TEST(PackingTest, WidthsOver40AreRefused) {
  for (int width = 41; width < 256; ++width) {
    Bytes bytes(1 + static_cast<std::size_t>(8 * width + 7) / 8, 0xff);
    bytes[0] = static_cast<std::uint8_t>(width);
    EXPECT_FALSE(is_packed_form(bytes, 8)) << width;
  }
}

TEST(PackingTest, BitsSetInThePaddingAreRefused) {
  const auto bytes = pack({5, 2, 7});
  for (int bit = 1; bit < 8; ++bit) {
    auto changed = bytes;
    changed.back() = static_cast<std::uint8_t>(changed.back() | 1 << bit);
    EXPECT_FALSE(is_packed_form(changed, 3)) << bit;
  }
}

TEST(PackingTest, AWidthWiderThanTheValuesNeedIsRefused) {
  EXPECT_FALSE(is_packed_form({8, 1, 2}, 2));
  EXPECT_TRUE(is_packed_form({8, 1, 128}, 2));
}

TEST(PackingTest, ValuesOutOfRangeBreakAnInvariant) {
  EXPECT_THROW(pack({1, -1}), BrokenInvariant);
  EXPECT_THROW(pack({packed_value_max + 1}), BrokenInvariant);
  EXPECT_EQ(unpack(pack({packed_value_max}), 1), std::vector<WattHours>{packed_value_max});
}

TEST(PackingTest, TooManyValuesOrTooLittleRoomBreakAnInvariant) {
  EXPECT_THROW(pack(std::vector<WattHours>(51)), BrokenInvariant);
  Bytes small(packed_size_max - 1);
  EXPECT_THROW(pack_values(std::vector<WattHours>{1}, small), BrokenInvariant);
}

RC_GTEST_PROP(PackingProperty, UnpackingGivesBackWhatWasPacked, ()) {
  const int width = *rc::gen::inRange(0, 41);
  const auto count = *rc::gen::inRange<std::size_t>(1, 49);
  const auto values = *rc::gen::container<std::vector<WattHours>>(
      count, rc::gen::inRange<WattHours>(0, WattHours{1} << width));
  RC_ASSERT(unpack(pack(values), static_cast<int>(count)) == values);
}

RC_GTEST_PROP(PackingProperty, BytesThatUnpackAreExactlyWhatPackingWrites, ()) {
  // Arbitrary bytes of a fitting length: either refused, or the one form of their values.
  const int width = *rc::gen::inRange(0, 41);
  const int count = *rc::gen::inRange(1, 49);
  auto bytes = *rc::gen::container<Bytes>(1 + static_cast<std::size_t>(count * width + 7) / 8,
                                          rc::gen::arbitrary<std::uint8_t>());
  bytes[0] = static_cast<std::uint8_t>(width);
  std::vector<WattHours> values(static_cast<std::size_t>(count));
  if (unpack_values(bytes, count, values.data())) RC_ASSERT(pack(values) == bytes);
}

}  // namespace
}  // namespace hhgrid::core
