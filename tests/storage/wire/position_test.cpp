#include "storage/wire/position.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace hhgrid::storage {
namespace {

constexpr BlockNumber greatest_block = (BlockNumber{1} << 48) - 1;

TEST(Position, ComesBackFromItsNumber) {
  for (const Position position :
       {Position(1, 0), Position(1, 65'535), Position(77, 3), Position(greatest_block, 65'535)}) {
    EXPECT_EQ(Position(position.block(), position.index()), position);
    EXPECT_EQ(Position::from_number(position.number()), position);
  }
  EXPECT_EQ(to_string(Position(77, 3)), "77.3");
}

TEST(Position, IsInTheOrderOfBlocksAndThenOfEntries) {
  const std::vector<Position> in_order{{},
                                       {1, 0},
                                       {1, 1},
                                       Position::last_of(1),
                                       {2, 0},
                                       {65'536, 0},
                                       {greatest_block, 0},
                                       Position::greatest()};
  for (std::size_t i = 1; i < in_order.size(); ++i) {
    EXPECT_LT(in_order[i - 1], in_order[i]);
    EXPECT_LT(in_order[i - 1].number(), in_order[i].number());
  }
}

TEST(Position, IsNoneBeforeTheFirstBlock) {
  EXPECT_TRUE(Position().is_none());
  EXPECT_FALSE(Position(1, 0).is_none());
}

}  // namespace
}  // namespace hhgrid::storage
