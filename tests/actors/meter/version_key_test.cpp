#include "actors/meter/version_key.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace hhgrid::actors::test {
namespace {

const VersionKey brought{core::UtcDay{16000},
                         core::Mpan::unchecked(1'234'567'890'123),
                         core::MeasurementQuantity::active_export,
                         {77, 3}};

TEST(VersionKey, OfWhatAMessageBroughtHas21BytesAndNoN) {
  EXPECT_EQ(version_key(brought).size(), 21u);
  EXPECT_EQ(read_version_key(version_key(brought), "store").value(), brought);
}

TEST(VersionKey, OfWhatFollowedEndsWithItsN) {
  auto derived = brought;
  derived.n = 300;
  EXPECT_EQ(version_key(derived).size(), 23u);
  EXPECT_EQ(read_version_key(version_key(derived), "store").value(), derived);
  EXPECT_FALSE(read_version_key(version_key(brought) + std::string(2, '\0'), "store"))
      << "a 0 is not written";
}

TEST(VersionKey, BytesStandInTheOrderOfDayMeterQuantityPositionAndN) {
  std::vector<VersionKey> keys;
  for (const int day : {-1, 16000})
    for (const std::uint64_t mpan : {1u, 256u})
      for (const auto quantity :
           {core::MeasurementQuantity::active_import, core::MeasurementQuantity::reactive_export})
        for (const std::uint64_t number : {1u, 255u, 65536u})
          for (const std::uint16_t n : {0, 1, 256})
            keys.push_back({core::UtcDay{day}, core::Mpan::unchecked(mpan), quantity,
                            storage::Position::from_number(number), n});
  std::vector<std::string> bytes;
  for (const auto& key : keys) bytes.push_back(version_key(key));
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_TRUE(std::is_sorted(bytes.begin(), bytes.end()));
}

}  // namespace
}  // namespace hhgrid::actors::test
