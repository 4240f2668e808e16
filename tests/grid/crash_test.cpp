#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/grid/crash_harness.hpp"

namespace hhgrid::tests {
namespace {

TEST(Crash, LosesNothingAcknowledgedAndCountsNothingTwiceOverFiveKills) {
  CrashHarness harness(
      std::filesystem::temp_directory_path() / ("hhgrid-crash-test-" + std::to_string(getpid())),
      1);
  for (int life = 0; life < 5; ++life) ASSERT_EQ(harness.live_and_die(), "") << "life " << life;
  EXPECT_GT(harness.acknowledged_blocks(), 0u);
  EXPECT_GE(harness.published_runs(), 2u);
}

}  // namespace
}  // namespace hhgrid::tests
