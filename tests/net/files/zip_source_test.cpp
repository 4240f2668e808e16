#include "net/files/zip_source.hpp"

#include <zip.h>

#include "tests/net/files/read_all.hpp"

namespace hhgrid::net {
namespace {

void write_zip(const std::filesystem::path& path,
               const std::vector<std::pair<std::string, std::string>>& members) {
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [name, text] : members)
    zip_file_add(archive, name.c_str(), zip_source_buffer(archive, text.data(), text.size(), 0), 0);
  ASSERT_EQ(zip_close(archive), 0);
}

class ZipSourceTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  const std::string large_ = text_of(600'000);
};

TEST_F(ZipSourceTest, TheLineLossFileOfAZipIsRead) {
  write_zip(folder_.path() / "a.zip", {{"readme.txt", "no"}, {"a.ptf", large_}});
  EXPECT_EQ(read_all(open_source(folder_.path() / "a.zip")), large_);
}

TEST_F(ZipSourceTest, AZipWithTwoLineLossFilesIsAnError) {
  write_zip(folder_.path() / "a.zip", {{"a.ptf", "1"}, {"b.ptf", "2"}});
  EXPECT_NE(read_all(open_source(folder_.path() / "a.zip")).find("2 .ptf files"),
            std::string::npos);
}

TEST_F(ZipSourceTest, TheEndingOfAMemberMayBeInCapitals) {
  write_zip(folder_.path() / "A.ZIP", {{"LLFLOND20240115.PTF", "text"}});
  EXPECT_EQ(read_all(open_source(folder_.path() / "A.ZIP")), "text");
}

TEST_F(ZipSourceTest, TheOnlyCsvOfAZipIsRead) {
  write_zip(folder_.path() / "a.zip", {{"registrations.CSV", "text"}});
  EXPECT_EQ(read_all(open_source(folder_.path() / "a.zip")), "text");
}

TEST_F(ZipSourceTest, WhatAMacintoshAddsIsPassedOver) {
  write_zip(folder_.path() / "a.zip",
            {{"a.ptf", "text"}, {"__MACOSX/._a.ptf", "junk"}, {"._b.ptf", "junk"}});
  EXPECT_EQ(read_all(open_source(folder_.path() / "a.zip")), "text");
  EXPECT_TRUE(zip_members(folder_.path() / "a.zip")->others.empty());
}

TEST_F(ZipSourceTest, WhatIsNoDataIsNamed) {
  write_zip(folder_.path() / "a.zip", {{"a.ptf", "text"}, {"readme.txt", "no"}});
  EXPECT_EQ(zip_members(folder_.path() / "a.zip")->others, std::vector<std::string>{"readme.txt"});
}

TEST_F(ZipSourceTest, AZipWithoutDataIsAnError) {
  write_zip(folder_.path() / "a.zip", {{"readme.txt", "no"}});
  EXPECT_NE(read_all(open_source(folder_.path() / "a.zip")).find("0 .csv files instead of one"),
            std::string::npos);
}

TEST_F(ZipSourceTest, ADamagedMemberIsAnError) {
  write_zip(folder_.path() / "a.zip", {{"a.ptf", large_}});
  auto bytes = read_text(folder_.path() / "a.zip");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
  EXPECT_NE(read_all(open_source(folder_.write("b.zip", bytes))).find("zip data is damaged"),
            std::string::npos);
}

TEST_F(ZipSourceTest, WhatLiesBesideTheArchiveInTheFileIsAnError) {
  write_zip(folder_.path() / "a.zip", {{"a.ptf", "first"}});
  write_zip(folder_.path() / "b.zip", {{"a.ptf", "second"}});
  const auto one = read_text(folder_.path() / "a.zip"), two = read_text(folder_.path() / "b.zip");
  for (const auto& bytes :
       {one + two, one + "garbage", "garbage" + one, one.substr(0, one.size() - 1)}) {
    const auto all = read_all(open_source(folder_.write("c.zip", bytes)));
    EXPECT_EQ(all.front(), '<') << all;
  }
}

}  // namespace
}  // namespace hhgrid::net
