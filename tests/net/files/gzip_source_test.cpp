#include "net/files/gzip_source.hpp"

#include <zlib.h>

#include "tests/net/files/read_all.hpp"

namespace hhgrid::net {
namespace {

void write_gzip(const std::filesystem::path& path, const std::string& text, const char* mode) {
  const gzFile file = gzopen(path.c_str(), mode);
  ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
            static_cast<int>(text.size()));
  gzclose(file);
}

class GzipSourceTest : public ::testing::Test {
 protected:
  /// A member of gzip.
  std::string member(const std::string& text) const {
    const auto path = folder_.path() / "member.gz";
    write_gzip(path, text, "wb");
    return read_text(path);
  }
  /// What is read of a file of these bytes.
  std::string read(const std::string& bytes) const {
    return read_all(open_source(folder_.write("a.csv.gz", bytes)));
  }
  void expect_error(const std::string& bytes, const std::string& good, const std::string& said) {
    const auto all = read(bytes);
    EXPECT_TRUE(all.starts_with(good + "<")) << all;
    EXPECT_NE(all.find(said), std::string::npos) << all;
  }

  TemporaryFolder folder_;
  const std::string large_ = text_of(600'000);
};

TEST_F(GzipSourceTest, AGzipFileIsDecompressed) {
  write_gzip(folder_.path() / "a.csv.gz", large_, "wb");
  EXPECT_EQ(read_all(open_source(folder_.path() / "a.csv.gz")), large_);
}

TEST_F(GzipSourceTest, AGzipFileOfSeveralMembersIsReadToItsEnd) {
  write_gzip(folder_.path() / "a.csv.gz", "first\n", "wb");
  write_gzip(folder_.path() / "a.csv.gz", "second\n", "ab");
  EXPECT_EQ(read_all(open_source(folder_.path() / "a.csv.gz")), "first\nsecond\n");
}

TEST_F(GzipSourceTest, AGzipFileThatIsCutOffIsAnError) {
  write_gzip(folder_.path() / "a.csv.gz", large_, "wb");
  const auto bytes = read_text(folder_.path() / "a.csv.gz");
  const auto cut = folder_.write("b.csv.gz", std::string_view(bytes).substr(0, bytes.size() / 2));
  EXPECT_NE(read_all(open_source(cut)).find("gzip data is damaged or cut short"),
            std::string::npos);
}

TEST_F(GzipSourceTest, TheEndingMayBeInCapitals) {
  EXPECT_EQ(read_all(open_source(folder_.write("A.CSV.GZ", member("text\n")))), "text\n");
}

TEST_F(GzipSourceTest, ManyMembersAreReadToTheirEnd) {
  std::string bytes, text;
  for (int i = 0; i < 100; ++i) {
    const auto line = std::to_string(i) + "\n";
    text += line;
    bytes += member(line);
  }
  EXPECT_EQ(read(bytes), text);
}

TEST_F(GzipSourceTest, ZerosToTheEndAreSound) {
  EXPECT_EQ(read(member("first\n") + std::string(300'000, '\0')), "first\n");
}

TEST_F(GzipSourceTest, ZerosBetweenMembersAreAnErrorBehindTheFirst) {
  expect_error(member("first\n") + std::string(300'000, '\0') + member("second\n"), "first\n",
               "zeros follow member 1");
}

TEST_F(GzipSourceTest, ForeignBytesBehindAMemberAreAnErrorBehindIt) {
  expect_error(member("first\n") + "mpan,kwh\n", "first\n", "what follows member 1 is no gzip");
}

TEST_F(GzipSourceTest, ADamagedSecondMemberIsAnErrorBehindTheFirst) {
  auto second = member(large_);
  second[second.size() / 2] = static_cast<char>(second[second.size() / 2] ^ 0x55);
  const auto all = read(member("first\n") + second);
  EXPECT_TRUE(all.starts_with("first\n") && all.ends_with(">")) << all.size();
  EXPECT_NE(all.find("gzip data is damaged"), std::string::npos);
}

TEST_F(GzipSourceTest, ASecondMemberWithADamagedBeginningIsAnErrorBehindTheFirst) {
  auto second = member("second\n");
  second[1] = 'x';
  expect_error(member("first\n") + second, "first\n", "what follows member 1 is no gzip");
}

TEST_F(GzipSourceTest, ASecondMemberThatIsCutIsAnErrorBehindTheFirst) {
  const auto second = member("second\n");
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{9}, second.size() - 1})
    EXPECT_NE(read(member("first\n") + second.substr(0, size)).find("<"), std::string::npos)
        << size;
}

TEST_F(GzipSourceTest, AFileThatIsNoGzipIsReadAsItIs) {
  EXPECT_EQ(read("mpan,kwh\n"), "mpan,kwh\n");
  EXPECT_EQ(read("m"), "m");
  EXPECT_EQ(read(""), "");
}

}  // namespace
}  // namespace hhgrid::net
