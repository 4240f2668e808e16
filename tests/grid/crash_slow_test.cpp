#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/grid/crash_harness.hpp"

namespace hhgrid::tests {
namespace {

TEST(Crash, LosesNothingAcknowledgedAndCountsNothingTwiceOverAHundredKills) {
  CrashHarness harness(std::filesystem::temp_directory_path() /
                           ("hhgrid-crash-slow-test-" + std::to_string(getpid())),
                       2);
  for (int life = 0; life < 100; ++life) ASSERT_EQ(harness.live_and_die(), "") << "life " << life;
  EXPECT_GT(harness.published_runs(), 20u);
}

}  // namespace
}  // namespace hhgrid::tests
