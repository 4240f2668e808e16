#include "net/files/byte_source.hpp"

#include <gtest/gtest.h>
#include <zip.h>
#include <zlib.h>
#include <zstd.h>

#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {
namespace {

std::string text_of(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * 7919) + "\n";
  return text;
}

void write_gzip(const std::filesystem::path& path, const std::string& text, const char* mode) {
  const gzFile file = gzopen(path.c_str(), mode);
  ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
            static_cast<int>(text.size()));
  gzclose(file);
}

std::string zstd_frame(const std::string& text) {
  std::string frame(ZSTD_compressBound(text.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), 3));
  return frame;
}

void write_zip(const std::filesystem::path& path,
               const std::vector<std::pair<std::string, std::string>>& members) {
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [name, text] : members)
    zip_file_add(archive, name.c_str(), zip_source_buffer(archive, text.data(), text.size(), 0), 0);
  ASSERT_EQ(zip_close(archive), 0);
}

/// All bytes, or the error's text in angle brackets.
std::string read_all(OpenedSource source) {
  if (!source) return "<" + source.error().text + ">";
  auto ahead = read_ahead(std::move(*source));
  std::string all;
  char chunk[1000];
  while (true) {
    const auto count = ahead->read(chunk);
    if (!count) return "<" + count.error().text + ">";
    if (*count == 0) return all;
    all.append(chunk, *count);
  }
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

TEST_F(ByteSourceTest, AGzipFileIsDecompressed) {
  write_gzip(folder_.path() / "a.csv.gz", large_, "wb");
  EXPECT_EQ(read_all(open_source(folder_.path() / "a.csv.gz")), large_);
}

TEST_F(ByteSourceTest, AGzipFileOfSeveralMembersIsReadToItsEnd) {
  write_gzip(folder_.path() / "a.csv.gz", "first\n", "wb");
  write_gzip(folder_.path() / "a.csv.gz", "second\n", "ab");
  EXPECT_EQ(read_all(open_source(folder_.path() / "a.csv.gz")), "first\nsecond\n");
}

TEST_F(ByteSourceTest, AGzipFileThatIsCutOffIsAnError) {
  write_gzip(folder_.path() / "a.csv.gz", large_, "wb");
  const auto bytes = read_text(folder_.path() / "a.csv.gz");
  const auto cut = folder_.write("b.csv.gz", std::string_view(bytes).substr(0, bytes.size() / 2));
  EXPECT_NE(read_all(open_source(cut)).find("gzip data is damaged or cut short"),
            std::string::npos);
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

TEST_F(ByteSourceTest, TheLineLossFileOfAZipIsRead) {
  write_zip(folder_.path() / "a.zip", {{"readme.txt", "no"}, {"a.ptf", large_}});
  EXPECT_EQ(read_all(open_source(folder_.path() / "a.zip")), large_);
}

TEST_F(ByteSourceTest, AZipWithTwoLineLossFilesIsAnError) {
  write_zip(folder_.path() / "a.zip", {{"a.ptf", "1"}, {"b.ptf", "2"}});
  EXPECT_NE(read_all(open_source(folder_.path() / "a.zip")).find("2 .ptf files"),
            std::string::npos);
}

TEST_F(ByteSourceTest, AMissingFileIsNotFound) {
  for (const char* name : {"none.csv", "none.csv.gz", "none.csv.zst", "none.zip"}) {
    const auto source = open_source(folder_.path() / name);
    ASSERT_FALSE(source) << name;
    EXPECT_EQ(source.error().code, IngestErrc::not_found) << name;
    EXPECT_NE(source.error().text.find(name), std::string::npos);
  }
}

TEST_F(ByteSourceTest, AReaderThatStopsEarlyDoesNotHang) {
  auto ahead = read_ahead(*open_source(folder_.write("a.csv", text_of(5'000'000))));
  char chunk[10];
  EXPECT_EQ(*ahead->read(chunk), 10u);
}

}  // namespace
}  // namespace hhgrid::net
