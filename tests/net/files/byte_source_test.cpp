#include "net/files/byte_source.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

#include "tests/net/files/read_all.hpp"

namespace hhgrid::net {
namespace {

std::string zstd_frame(const std::string& text) {
  std::string frame(ZSTD_compressBound(text.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), 3));
  return frame;
}

class ByteSourceTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  const std::string large_ = text_of(600'000);
};

TEST_F(ByteSourceTest, APlainFileIsReadAsItIs) {
  EXPECT_EQ(read_all(open_source(folder_.write("a.csv", large_))), large_);
}

TEST_F(ByteSourceTest, AnEmptyFileHasNoBytes) {
  EXPECT_EQ(read_all(open_source(folder_.write("a.csv", ""))), "");
}

TEST_F(ByteSourceTest, AZstdFileOfSeveralFramesIsReadToItsEnd) {
  const auto file = folder_.write("a.csv.zst", zstd_frame(large_) + zstd_frame("more\n"));
  EXPECT_EQ(read_all(open_source(file)), large_ + "more\n");
}

TEST_F(ByteSourceTest, AZstdFileThatIsCutOffIsAnError) {
  const auto frame = zstd_frame(large_);
  const auto cut = folder_.write("a.csv.zst", std::string_view(frame).substr(0, frame.size() - 10));
  EXPECT_NE(read_all(open_source(cut)).find("ends inside a zstd frame"), std::string::npos);
}

TEST_F(ByteSourceTest, AZstdFileThatIsNoneIsAnError) {
  const auto file = folder_.write("a.csv.zst", "mpan,kwh\n");
  EXPECT_NE(read_all(open_source(file)).find("cannot be read"), std::string::npos);
}

TEST_F(ByteSourceTest, WhatFollowsAZstdFrameAndIsNoneIsAnError) {
  const auto frame = zstd_frame("first\n");
  for (const std::string& tail : {std::string("x"), std::string("garbage"), std::string(8, '\0'),
                                  frame.substr(0, 2), frame.substr(0, frame.size() - 1)}) {
    const auto all = read_all(open_source(folder_.write("a.csv.zst", frame + tail)));
    EXPECT_TRUE(all.starts_with("first\n") && all.ends_with(">")) << tail << ": " << all;
  }
}

TEST_F(ByteSourceTest, AnEndingInCapitalsIsTheSame) {
  const auto file = folder_.write("A.CSV.ZST", zstd_frame("text\n"));
  EXPECT_EQ(read_all(open_source(file)), "text\n");
}

TEST_F(ByteSourceTest, AMissingFileIsNotFound) {
  for (const char* name : {"none.csv", "none.csv.gz", "none.csv.zst", "none.zip"}) {
    const auto source = open_source(folder_.path() / name);
    ASSERT_FALSE(source) << name;
    EXPECT_EQ(source.error().code, IngestErrc::not_found) << name;
    EXPECT_NE(source.error().text.find(name), std::string::npos);
  }
}

}  // namespace
}  // namespace hhgrid::net
