#include "actors/host/delivery.hpp"

#include <gtest/gtest.h>

namespace hhgrid::actors {
namespace {

constexpr storage::SenderId sender{1, 1}, other{1, 2};

TEST(DeliveryAtHand, GoesOnWithItsSourceAndEndsWithTheNext) {
  DeliveryAtHand delivery;
  delivery.take({sender, 1}, "one", 5);
  delivery.take({sender, 2}, "one", 6);
  EXPECT_EQ(delivery.began(), 5u);
  delivery.take({sender, 3}, "two", 7);
  EXPECT_EQ(delivery.began(), 7u);
  delivery.take({sender, 4}, "one", 8);
  EXPECT_EQ(delivery.began(), std::nullopt) << "another lies within it";
}

TEST(DeliveryAtHand, OfASenderWhoseFirstBlockWasNotSeenNothingIsKnown) {
  DeliveryAtHand delivery;
  delivery.take({sender, 2}, "one", 5);
  EXPECT_EQ(delivery.began(), std::nullopt);
  delivery.take({other, 1}, "one", 6);
  EXPECT_EQ(delivery.began(), 6u);
}

TEST(DeliveryAtHand, WithoutASourceNoneHasBegunBeforeTheNextBlock) {
  DeliveryAtHand delivery;
  for (std::uint64_t n = 1; n <= 3; ++n) {
    delivery.take({sender, n}, "", 10 + n);
    EXPECT_EQ(delivery.began(), 11 + n);
  }
}

}  // namespace
}  // namespace hhgrid::actors
