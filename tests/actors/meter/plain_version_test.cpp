#include "actors/meter/plain_version.hpp"

#include <gtest/gtest.h>

#include <random>

#include "actors/meter/version_record.hpp"
#include "actors/meter/versions.hpp"
#include "core/packing.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using Energy = std::array<core::WattHours, core::periods_per_utc_day>;

const core::UtcDay day = utc_day("2013-05-17");

VersionKey key_of(const storage::ConsumptionDay& version) {
  return {version.day, version.mpan, version.quantity, {1, 0}};
}

storage::ConsumptionDay random_version(std::mt19937_64& random) {
  storage::ConsumptionDay version(meter_mpan(random() % 1000));
  version.day = {day.value + static_cast<int>(random() % 100)};
  version.quantity = static_cast<core::MeasurementQuantity>(random() % 4);
  version.quality = static_cast<core::Quality>(random() % core::quality_count);
  version.present = core::all_periods_mask;
  const auto max = static_cast<std::uint64_t>(storage::reading_energy_max) >> random() % 31;
  for (auto& wh : version.energy_wh)
    wh = static_cast<core::WattHours>(max == 0 ? 0 : random() % (max + 1));
  return version;
}

std::string plain_of(const VersionKey& key, const storage::ConsumptionDay& version) {
  std::array<std::uint8_t, core::packed_size_max> packed;
  const auto size = core::pack_values(version.energy_wh, packed);
  std::array<char, plain_version_bytes_max> out;
  return {out.data(), write_plain_version(key, version.quality, {packed.data(), size}, out.data())};
}
std::string plain_of(const storage::ConsumptionDay& version) {
  return plain_of(key_of(version), version);
}

TEST(PlainVersion, IsReadAsItWasWrittenAndAsItsRecordIs) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const auto version = random_version(random);
    const auto plain = plain_of(version);
    ASSERT_TRUE(is_plain_version(plain)) << i;
    Energy energy;
    EXPECT_EQ(read_plain_version(key_of(version), plain, energy), version.quality);
    EXPECT_EQ(energy, version.energy_wh);
    const auto read = read_version(key_of(version), plain, "test");
    ASSERT_TRUE(read) << read.error().text;
    const auto record = version_record(*read);
    EXPECT_LT(plain.size(), record.size());
    const auto again = read_version(key_of(version), record, "test");
    ASSERT_TRUE(again) << again.error().text;
    EXPECT_EQ(again->values.energy_wh, version.energy_wh);
    EXPECT_EQ(again->values.quality, read->values.quality);
    EXPECT_EQ(again->values.present, all_periods_mask);
  }
}

TEST(PlainVersion, ARecordIsLeftToTheGeneralReader) {
  std::mt19937_64 random(2);
  Energy energy;
  const auto version = random_version(random);
  const auto record =
      version_record(read_version(key_of(version), plain_of(version), "test").value());
  EXPECT_FALSE(is_plain_version(record));
  EXPECT_FALSE(read_plain_version(key_of(version), record, energy));
  EXPECT_FALSE(read_plain_version({}, "", energy));
}

TEST(PlainVersion, UnderAnotherKeyIsDamageThatNamesIt) {
  std::mt19937_64 random(13);
  for (int i = 0; i < 1000; ++i) {
    const auto version = random_version(random), other = random_version(random);
    if (key_of(other) == key_of(version)) continue;
    const auto read = read_version(key_of(other), plain_of(version), "the store");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, storage::Errc::damaged);
    EXPECT_NE(read.error().text.find("the store consumption "), std::string::npos);
  }
}

TEST(PlainVersion, AChangedByteOrLengthIsDamage) {
  std::mt19937_64 random(14);
  for (int i = 0; i < 300; ++i) {
    const auto version = random_version(random);
    const auto plain = plain_of(version);
    auto changed = plain;
    changed[1 + random() % (changed.size() - 1)] ^= static_cast<char>(1 << random() % 8);
    EXPECT_FALSE(read_version(key_of(version), changed, "test"));
    EXPECT_FALSE(read_version(key_of(version), plain.substr(0, plain.size() - 1), "test"));
    EXPECT_FALSE(read_version(key_of(version), plain + '\0', "test"));
    EXPECT_FALSE(read_version(key_of(version), plain.substr(0, random() % 5), "test"));
  }
}

TEST(PlainVersion, AKeyWhoseMpanIsNoneIsDamage) {
  std::mt19937_64 random(15);
  const auto version = random_version(random);
  auto key = key_of(version);
  key.mpan = core::Mpan::unchecked(key.mpan.number() + 1);
  EXPECT_FALSE(read_version(key, plain_of(key, version), "test"));
}

TEST(PlainVersion, WhatFollowsFromAMessageIsNeverPlain) {
  std::mt19937_64 random(16);
  const auto version = random_version(random);
  auto key = key_of(version);
  key.n = 1;
  EXPECT_FALSE(read_version(key, plain_of(key, version), "test"));
}

TEST(PlainVersion, WhateverBytesItReadsTheGeneralReaderReadsTheSame) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 20'000; ++i) {
    const auto version = random_version(random);
    auto bytes = plain_of(version);
    for (auto flips = random() % 2; flips > 0; --flips)
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    if (random() % 8 == 0) bytes.resize(random() % (bytes.size() + 1));
    Energy energy;
    const auto quality = read_plain_version(key_of(version), bytes, energy);
    const auto general = read_version(key_of(version), bytes, "test");
    ASSERT_EQ(quality.has_value(), general.has_value());
    if (!quality) continue;
    EXPECT_EQ(general->values.quality[0], *quality);
    EXPECT_EQ(general->values.energy_wh, energy);
  }
}

}  // namespace
}  // namespace hhgrid::actors::test
