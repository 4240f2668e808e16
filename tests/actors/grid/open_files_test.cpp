#include "actors/grid/open_files.hpp"

#include <gmock/gmock.h>

namespace hhgrid::actors {
namespace {

TEST(OpenFiles, AreSharedOutEqually) {
  EXPECT_EQ(open_files_per_store(17, 32, 1'024).value(), (1'024 - 256) / 17);
  EXPECT_EQ(open_files_per_store(257, 32, 8'192).value(), (8'192 - 256) / 257);
}

TEST(OpenFiles, AStoreHasNoUseForMoreThan512) {
  EXPECT_EQ(open_files_per_store(1, 32, 1'000'000).value(), 512);
}

TEST(OpenFiles, WhatIsNeededIsEnough) {
  for (const std::size_t stores : {1, 17, 257, 4'001}) {
    const auto needed = open_files_needed(stores, 32);
    EXPECT_EQ(open_files_per_store(stores, 32, needed).value(), 20);
    EXPECT_FALSE(open_files_per_store(stores, 32, needed - 1));
  }
}

TEST(OpenFiles, ManySmallSegmentsAreNotAllCounted) {
  EXPECT_EQ(open_files_needed(4, 32'768), open_files_needed(4, 256));
}

TEST(OpenFiles, TooLowALimitIsRefusedWithTheOneThatIsNeeded) {
  const auto refused = open_files_per_store(257, 32, 1'024);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, storage::Errc::limit);
  EXPECT_THAT(refused.error().text, testing::HasSubstr("need 5396 open files"));
  EXPECT_THAT(refused.error().text, testing::HasSubstr("may have 1024"));
}

}  // namespace
}  // namespace hhgrid::actors
