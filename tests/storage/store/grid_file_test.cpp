#include "storage/store/grid_file.hpp"

#include <gmock/gmock.h>

#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::storage::test {
namespace {

using testing::HasSubstr;

class GridFileTest : public testing::Test {
 protected:
  void write_bytes(const std::string& bytes) {
    std::ofstream(directory_.path() / "GRID", std::ios::binary) << bytes;
  }
  Error refusal() {
    const auto read = read_grid_file(directory_.path());
    if (!read) return read.error();
    ADD_FAILURE() << "the file was read";
    return {};
  }
  static std::string bytes(std::uint16_t version, std::uint16_t partitions) {
    RecordBuilder<schema::GridRecord> record;
    record->setFormatVersion(version);
    record->setGridIdHigh(1);
    record->setPartitions(partitions);
    return record.bytes();
  }

  const FastDirectory directory_;
};

TEST_F(GridFileTest, ADirectoryWithoutTheFileHoldsNoGrid) {
  const auto read = read_grid_file(directory_.path());
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_FALSE(*read);
}

TEST_F(GridFileTest, ReadsWhatWasWritten) {
  ASSERT_TRUE(write_grid_file(directory_.path(), {{7, 8}, 16}));
  const auto read = read_grid_file(directory_.path());
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->id, (GridId{7, 8}));
  EXPECT_EQ((*read)->partitions, 16);
}

TEST_F(GridFileTest, AnUnfinishedWriteLeavesNothingButTheNewFile) {
  std::ofstream(directory_.path() / "GRID.new") << "half";
  const auto read = read_grid_file(directory_.path());
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_FALSE(*read);
  ASSERT_TRUE(write_grid_file(directory_.path(), {{7, 8}, 16}));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "GRID.new"));
}

TEST_F(GridFileTest, ANewerFormatIsNamed) {
  write_bytes(bytes(record_format + 1, 16));
  const auto error = refusal();
  EXPECT_EQ(error.code, Errc::newer_format);
  EXPECT_THAT(error.text, HasSubstr((directory_.path() / "GRID").string() + ": record format " +
                                    std::to_string(record_format + 1)));
}

TEST_F(GridFileTest, AnOlderFormatIsNamed) {
  write_bytes(bytes(oldest_record_format - 1, 16));
  const auto error = refusal();
  EXPECT_EQ(error.code, Errc::older_format);
  EXPECT_THAT(error.text, HasSubstr((directory_.path() / "GRID").string() + ": record format " +
                                    std::to_string(oldest_record_format - 1)));
}

TEST_F(GridFileTest, AnEmptyOrTruncatedFileIsDamaged) {
  const std::string whole = bytes(record_format, 16);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, std::size_t{8}, whole.size() - 8}) {
    write_bytes(whole.substr(0, size));
    const auto error = refusal();
    EXPECT_EQ(error.code, Errc::damaged) << size;
    EXPECT_THAT(error.text, HasSubstr("GRID")) << size;
  }
}

TEST_F(GridFileTest, AGridWithoutPartitionsIsDamaged) {
  write_bytes(bytes(record_format, 0));
  EXPECT_EQ(refusal().code, Errc::damaged);
}

}  // namespace
}  // namespace hhgrid::storage::test
