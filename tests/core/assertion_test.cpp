#include "core/assertion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hhgrid::core {
namespace {

TEST(AssertionTest, AConditionThatHoldsDoesNothing) { EXPECT_NO_THROW(HHGRID_ASSERT(1 + 1 == 2)); }

TEST(AssertionTest, ABrokenInvariantNamesPlaceConditionAndOperands) {
  const int position = 7;
  const std::string meter = "2276173918389";
  try {
    HHGRID_ASSERT(position > 10, position, meter);
    FAIL() << "the assertion let a broken invariant pass";
  } catch (const BrokenInvariant& broken) {
    EXPECT_THAT(broken.what(), testing::HasSubstr("assertion_test.cpp:"));
    EXPECT_THAT(
        broken.what(),
        testing::EndsWith("the invariant `position > 10` does not hold with 7, 2276173918389"));
    EXPECT_EQ(broken.finding(),
              "the invariant `position > 10` does not hold with 7, 2276173918389");
  }
}

}  // namespace
}  // namespace hhgrid::core
