#include "storage/store/applied_file.hpp"

#include <gtest/gtest.h>

#include "storage/disk/whole_file.hpp"
#include "tests/storage/disk/scratch_directory.hpp"

namespace hhgrid::storage {
namespace {

class AppliedFileTest : public ::testing::Test {
 protected:
  tests::FastDirectory dir_;
  std::filesystem::path store_ = dir_.path() / "_C";
};

TEST_F(AppliedFileTest, AStoreThatWasNeverClosedHasNone) {
  EXPECT_FALSE(read_applied_file(store_));
}

TEST_F(AppliedFileTest, ItSaysHowFarTheStoreHadComeInWhichJournalOfWhichGrid) {
  const AppliedFile written{{1, 2}, {3, 4}, 17, 5};
  ASSERT_TRUE(write_applied_file(store_, written));
  const auto read = read_applied_file(store_);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, written);
}

TEST_F(AppliedFileTest, AStoreThatIsOpenedAgainHasNone) {
  EXPECT_TRUE(remove_applied_file(store_));
  ASSERT_TRUE(write_applied_file(store_, {{1, 2}, {3, 4}, 17, 5}));
  EXPECT_TRUE(remove_applied_file(store_));
  EXPECT_FALSE(read_applied_file(store_));
}

TEST_F(AppliedFileTest, ADamagedFileSaysNothing) {
  ASSERT_TRUE(replace_file(dir_.path() / "_C.applied", "not a record"));
  EXPECT_FALSE(read_applied_file(store_));
}

}  // namespace
}  // namespace hhgrid::storage
