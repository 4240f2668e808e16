#include "core/partitioning.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace hhgrid::core {
namespace {

TEST(PartitioningTest, TheFinaliserIsThePublishedOne) {
  EXPECT_EQ(splitmix64_finaliser(0), 0U);
  // The first output of splitmix64 seeded with 0: the finaliser of its increment.
  EXPECT_EQ(splitmix64_finaliser(0x9e3779b97f4a7c15), 0xe220a8397b1dcdafU);
}

TEST(PartitioningTest, PartitionsOfKnownMetersNeverChange) {
  const auto mpan = *Mpan::parse("2276173918389");
  EXPECT_EQ(meter_partition(mpan, 16), 11);
  EXPECT_EQ(meter_partition(mpan, 256), 155);
  EXPECT_EQ(meter_partition(*Mpan::parse("1200045671237"), 10), 7);
  EXPECT_EQ(meter_partition(mpan, 1), 0);
}

TEST(PartitioningTest, ConsecutiveMetersSpreadEvenly) {
  constexpr int partitions = 16, meters = 160'000;
  std::vector<int> sizes(partitions);
  for (std::uint64_t body = 120'000'000'000; body < 120'000'000'000 + meters; ++body) {
    ++sizes[meter_partition(Mpan::from_body(body), partitions)];
  }
  for (const int size : sizes) EXPECT_NEAR(size, meters / partitions, meters / partitions / 20);
}

TEST(PartitioningTest, ZeroPartitionsBreakAnInvariant) {
  EXPECT_THROW(meter_partition(Mpan::from_body(1), 0), BrokenInvariant);
}

}  // namespace
}  // namespace hhgrid::core
