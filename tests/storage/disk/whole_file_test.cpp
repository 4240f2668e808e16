#include "storage/disk/whole_file.hpp"

#include <gtest/gtest.h>

#include "tests/storage/disk/scratch_directory.hpp"

namespace hhgrid::storage {
namespace {

class WholeFile : public ::testing::Test {
 protected:
  tests::FastDirectory dir_;
  std::filesystem::path path_ = dir_.path() / "file";
};

TEST_F(WholeFile, AFileThatIsNotThereHasNoBytes) {
  EXPECT_EQ(read_whole_file(path_).value(), std::nullopt);
}

TEST_F(WholeFile, WhatWasPutComesBack) {
  ASSERT_TRUE(replace_file(path_, std::string_view("a\0b", 3)));
  EXPECT_EQ(read_whole_file(path_).value(), std::string("a\0b", 3));
}

TEST_F(WholeFile, AShorterFileReplacesALongerOneWhole) {
  ASSERT_TRUE(replace_file(path_, "a longer text"));
  ASSERT_TRUE(replace_file(path_, "short"));
  EXPECT_EQ(read_whole_file(path_).value(), "short");
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "file.new"));
}

TEST_F(WholeFile, AFolderThatIsNotThereIsAnErrorThatNamesTheFile) {
  const auto done = replace_file(dir_.path() / "nowhere" / "file", "x");
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().text.find("nowhere/file.new"), std::string::npos) << done.error().text;
}

}  // namespace
}  // namespace hhgrid::storage
