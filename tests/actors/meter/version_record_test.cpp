#include "actors/meter/version_record.hpp"

#include <gtest/gtest.h>

#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

StoredVersion partial() {
  StoredVersion version{
      {utc_day("2013-05-17"), meter_mpan(1), core::MeasurementQuantity::active_import, {7, 0}},
      {},
      {},
      {},
      {}};
  version.values.present = 0b1011;
  version.values.energy_wh[0] = 5;
  version.values.energy_wh[1] = 16'777'215;
  version.values.energy_wh[3] = 9;
  version.values.quality[1] = core::Quality::e1;
  version.values.reasoned = 0b0010;
  version.values.estimation_reason[1] = 4;
  version.values.amendment_reason[1] = 'M';
  version.refused.add(core::RefusalCode::above_maximum, 0b0010);
  return version;
}

StoredVersion derived() {
  StoredVersion version{
      {utc_day("2013-05-17"), meter_mpan(1), core::MeasurementQuantity::active_import, {9, 0}, 2},
      {},
      {},
      {},
      {}};
  core::RefusedPeriods refused;
  refused.add(core::RefusalCode::contradicted, 0b0001);
  refused.add(core::RefusalCode::not_actual, 0b1000);
  version.judgements = {{{7, 0}, 0, refused}, {{8, 3}, 0, {}}};
  version.derived = {DerivationRule::registration, 1, {{9, 0}, {4, 1}}};
  return version;
}

TEST(VersionRecord, HoldsValuesQualitiesReasonsAndWhatIsRefused) {
  const auto version = partial();
  const auto read = read_version(version.key, version_record(version), "store");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->values.present, version.values.present);
  EXPECT_EQ(differing_periods(read->values, version.values, version.values.present), 0u);
  EXPECT_EQ(read->refused, version.refused);
  EXPECT_FALSE(read->derived);
}

TEST(VersionRecord, HoldsWhatAVersionFollowsFromAndWhatItJudges) {
  const auto version = derived();
  const auto read = read_version(version.key, version_record(version), "store");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->judgements, version.judgements);
  EXPECT_EQ(read->derived, version.derived);
  EXPECT_EQ(read->values.present, 0u);
}

TEST(VersionRecord, OfAnotherKeyIsDamageThatNamesTheKey) {
  const auto version = partial();
  auto key = version.key;
  key.day = key.day + 1;
  const auto read = read_version(key, version_record(version), "the store");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().text.find("the store consumption "), std::string::npos);
  EXPECT_NE(read.error().text.find("than its key"), std::string::npos);
}

TEST(VersionRecord, OnlyWhatFollowedHasAnN) {
  auto version = partial();
  version.key.n = 1;
  EXPECT_FALSE(read_version(version.key, version_record(version), "store"));
  version = derived();
  version.key.n = 0;
  EXPECT_FALSE(read_version(version.key, version_record(version), "store"));
}

TEST(VersionRecord, RefusalsOfHalfHoursThatAreNotCarriedAreDamage) {
  auto version = partial();
  version.refused.add(core::RefusalCode::above_maximum, 0b0100);
  EXPECT_FALSE(read_version(version.key, version_record(version), "store"));
}

}  // namespace
}  // namespace hhgrid::actors::test
