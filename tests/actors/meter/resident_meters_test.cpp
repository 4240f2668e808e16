#include "actors/meter/resident_meters.hpp"

#include <gmock/gmock.h>

namespace hhgrid::actors::test {
namespace {

core::Mpan mpan(std::uint64_t digits) { return core::Mpan::unchecked(digits); }

MeterState numbered(std::uint32_t number) {
  MeterState state;
  state.number = number;
  return state;
}

TEST(ResidentMeters, AMeterIsFoundByItsMpan) {
  ResidentMeters meters;
  EXPECT_EQ(meters.find(mpan(0)), nullptr);
  for (std::uint32_t i = 0; i < 3000; ++i) meters.add(mpan(i * 7), numbered(i));
  EXPECT_EQ(meters.size(), 3000u);
  for (std::uint32_t i = 0; i < 3000; ++i) {
    ASSERT_NE(meters.find(mpan(i * 7)), nullptr) << i;
    EXPECT_EQ(meters.find(mpan(i * 7))->state.number, i);
  }
  EXPECT_EQ(meters.find(mpan(1)), nullptr);
}

TEST(ResidentMeters, AMeterStaysWhereItIsWhileOthersCome) {
  ResidentMeters meters;
  const auto* first = &meters.add(mpan(1), numbered(1));
  for (std::uint32_t i = 2; i < 5000; ++i) meters.add(mpan(i), numbered(i));
  EXPECT_EQ(meters.find(mpan(1)), first);
}

TEST(ResidentMeters, TheSweepOffersEachOnceAndPlacesAreTakenAgain) {
  ResidentMeters meters;
  for (std::uint32_t i = 0; i < 2500; ++i) meters.add(mpan(i), numbered(i));
  std::vector<int> offered(2500);
  meters.sweep([&](const auto& resident) {
    ++offered[resident.mpan.number()];
    return resident.mpan.number() % 3 != 0;
  });
  EXPECT_THAT(offered, testing::Each(1));
  EXPECT_EQ(meters.size(), 834u);
  for (std::uint32_t i = 0; i < 2500; ++i)
    EXPECT_EQ(meters.find(mpan(i)) != nullptr, i % 3 == 0) << i;
  const auto bytes = meters.overhead_bytes();
  for (std::uint32_t i = 10'000; i < 11'000; ++i) meters.add(mpan(i), numbered(i));
  EXPECT_LT(meters.overhead_bytes(), bytes) << "no new places are made";
  EXPECT_EQ(meters.find(mpan(10'999))->state.number, 10'999u);
  EXPECT_EQ(meters.find(mpan(2'499))->state.number, 2'499u);
}

TEST(ResidentMeters, WhoIsFetchedAheadIsMostlyTheOneThatIsWanted) {
  ResidentMeters meters;
  constexpr std::uint32_t count = 3000;
  for (std::uint32_t i = 0; i < count; ++i) meters.add(mpan(i * 7), numbered(i));
  std::uint32_t same = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto* likely = meters.prefetch_state(mpan(i * 7));
    ASSERT_NE(likely, nullptr) << i;
    same += likely == meters.find(mpan(i * 7));
  }
  EXPECT_GT(same, count * 2 / 3);
}

TEST(ResidentMeters, AMeterIsThereOnce) {
  ResidentMeters meters;
  meters.add(mpan(5), numbered(1));
  EXPECT_THROW(meters.add(mpan(5), numbered(2)), std::exception);
}

TEST(ResidentMeters, FetchingAheadChangesNothing) {
  ResidentMeters meters;
  meters.add(mpan(5), numbered(1));
  for (const std::uint64_t digits : {5u, 6u, 0u}) {
    meters.prefetch_place(mpan(digits));
    meters.prefetch_state(mpan(digits));
  }
  EXPECT_EQ(meters.size(), 1u);
}

}  // namespace
}  // namespace hhgrid::actors::test
