#include "actors/meter/plain_version.hpp"

#include <gtest/gtest.h>

#include <random>

#include "core/packing.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using Energy = std::array<core::WattHours, core::periods_per_utc_day>;

const core::UtcDay day = utc_day("2013-05-17");

std::string bytes_of(const Entry& entry) {
  const auto bytes = entry.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

VersionKey key_of(const storage::ConsumptionDay& version) {
  return {version.day, version.mpan.number(), version.quantity, {1, 0}};
}

storage::ConsumptionDay random_version(std::mt19937_64& random) {
  storage::ConsumptionDay version(meter_mpan(random() % 1000));
  version.day = {day.value + static_cast<int>(random() % 100)};
  version.quantity = static_cast<core::MeasurementQuantity>(random() % 4);
  version.quality = static_cast<core::Quality>(random() % core::quality_count);
  version.present = storage::all_periods;
  const auto max = static_cast<std::uint64_t>(storage::reading_energy_max) >> random() % 31;
  for (auto& wh : version.energy_wh)
    wh = static_cast<core::WattHours>(max == 0 ? 0 : random() % (max + 1));
  return version;
}

TEST(PlainVersion, AnEntryWithAllPeriodsOfOneQualityIsReadAsItWasWritten) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const auto version = random_version(random);
    Energy energy;
    const auto quality =
        read_plain_version(key_of(version), bytes_of(consumption_entry(version)), energy);
    ASSERT_TRUE(quality) << i;
    EXPECT_EQ(*quality, version.quality);
    EXPECT_EQ(energy, version.energy_wh);
  }
}

TEST(PlainVersion, OtherFormsAreLeftToTheGeneralReader) {
  std::mt19937_64 random(2);
  Energy energy;
  auto partial = random_version(random);
  partial.present &= ~std::uint64_t{4};
  partial.energy_wh[2] = 0;
  EXPECT_FALSE(read_plain_version(key_of(partial), bytes_of(consumption_entry(partial)), energy));
  auto detailed = random_version(random);
  detailed.detail.emplace();
  detailed.detail->estimation_reasons[7] = 3;
  EXPECT_FALSE(read_plain_version(key_of(detailed), bytes_of(consumption_entry(detailed)), energy));
  EXPECT_FALSE(read_plain_version({}, bytes_of(bank_holiday_entry(15000)), energy));
  EXPECT_FALSE(read_plain_version({}, "", energy));
}

std::string compact_of(const storage::ConsumptionDay& version) {
  std::array<char, compact_version_bytes_max> out;
  return {out.data(), compact_version(key_of(version), consumption_entry(version), out.data())};
}

TEST(CompactVersion, HoldsAllThatThePlainEntryHolds) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 2000; ++i) {
    const auto version = random_version(random);
    const auto compact = compact_of(version);
    ASSERT_TRUE(is_compact_version(compact)) << i;
    EXPECT_LT(compact.size(), bytes_of(consumption_entry(version)).size());
    const auto read = read_version(key_of(version), compact, "test");
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(bytes_of(consumption_entry(*read)), bytes_of(consumption_entry(version)))
        << "the entry can be made again, to the byte";
  }
}

TEST(CompactVersion, OtherVersionsAreKeptAsTheyCame) {
  std::mt19937_64 random(12);
  auto partial = random_version(random);
  partial.present &= ~std::uint64_t{4};
  partial.energy_wh[2] = 0;
  EXPECT_EQ(compact_of(partial), "");
  auto detailed = random_version(random);
  detailed.detail.emplace();
  detailed.detail->estimation_reasons[7] = 3;
  EXPECT_EQ(compact_of(detailed), "");
  EXPECT_FALSE(is_compact_version(bytes_of(consumption_entry(partial))));
  EXPECT_FALSE(is_compact_version(""));
}

TEST(CompactVersion, UnderAnotherKeyIsDamageThatNamesIt) {
  std::mt19937_64 random(13);
  for (int i = 0; i < 1000; ++i) {
    const auto version = random_version(random), other = random_version(random);
    if (key_of(other) == key_of(version)) continue;
    const auto read = read_version(key_of(other), compact_of(version), "the store");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, storage::Errc::damaged);
    EXPECT_NE(read.error().text.find("the store consumption "), std::string::npos);
  }
}

TEST(CompactVersion, AChangedByteOrLengthIsDamage) {
  std::mt19937_64 random(14);
  for (int i = 0; i < 300; ++i) {
    const auto version = random_version(random);
    const auto compact = compact_of(version);
    auto changed = compact;
    changed[1 + random() % (changed.size() - 1)] ^= static_cast<char>(1 << random() % 8);
    EXPECT_FALSE(read_version(key_of(version), changed, "test"));
    EXPECT_FALSE(read_version(key_of(version), compact.substr(0, compact.size() - 1), "test"));
    EXPECT_FALSE(read_version(key_of(version), compact + '\0', "test"));
    EXPECT_FALSE(read_version(key_of(version), compact.substr(0, random() % 5), "test"));
  }
}

TEST(CompactVersion, AKeyWhoseMpanIsNoneIsDamage) {
  std::mt19937_64 random(15);
  const auto version = random_version(random);
  auto key = key_of(version);
  key.mpan += 1;
  std::array<char, compact_version_bytes_max> out;
  const auto size = compact_version(key, consumption_entry(version), out.data());
  EXPECT_FALSE(read_version(key, {out.data(), size}, "test"));
}

TEST(PlainVersion, AVersionOfAnotherKeyIsLeftToTheGeneralReader) {
  std::mt19937_64 random(3);
  const auto version = random_version(random);
  const auto bytes = bytes_of(consumption_entry(version));
  Energy energy;
  auto key = key_of(version);
  key.mpan += 1;
  EXPECT_FALSE(read_plain_version(key, bytes, energy));
  key = key_of(version);
  key.day = key.day + 1;
  EXPECT_FALSE(read_plain_version(key, bytes, energy));
  key = key_of(version);
  key.quantity = static_cast<core::MeasurementQuantity>((static_cast<int>(key.quantity) + 1) % 4);
  EXPECT_FALSE(read_plain_version(key, bytes, energy));
}

TEST(PlainVersion, WhateverBytesItReadsTheGeneralReaderReadsTheSame) {
  std::mt19937_64 random(4);
  int read = 0;
  for (int i = 0; i < 50'000; ++i) {
    const auto version = random_version(random);
    auto bytes = bytes_of(consumption_entry(version));
    for (auto flips = random() % 3 + 1; flips > 0; --flips)
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    if (random() % 8 == 0) bytes.resize(random() % (bytes.size() + 1));
    Energy energy;
    const auto quality = read_plain_version(key_of(version), bytes, energy);
    if (!quality) continue;
    ++read;
    const auto general = read_version(key_of(version), bytes, "test");
    ASSERT_TRUE(general) << general.error().text;
    EXPECT_EQ(general->present, storage::all_periods);
    EXPECT_EQ(general->quality_of(1), *quality);
    EXPECT_EQ(general->energy_wh, energy);
  }
  EXPECT_GT(read, 1000);
}

}  // namespace
}  // namespace hhgrid::actors::test
