#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "storage/disk/directory_lock.hpp"
#include "storage/store/grid_file.hpp"
#include "storage/wire/record.hpp"
#include "tests/grid/open_grid.hpp"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::tests {
namespace {

using storage::Errc;
using storage::test::files_of;
using testing::HasSubstr;
using testing::Not;

/// What a grid's directory holds: its own files byte by byte, and every record of its stores.
std::map<std::string, std::string> contents_of(const std::filesystem::path& grid) {
  auto contents = files_of(grid);
  std::erase_if(contents, [](const auto& file) {
    return file.first != "GRID" && !file.first.starts_with("journal");
  });
  for (const std::string store :
       {"partitions/00000", "partitions/00001", "partitions/00002", "market"})
    for (auto& [key, value] : storage::test::records_of(grid / store))
      contents[store + " " + key] = std::move(value);
  return contents;
}

/// Data directories that must not be opened: the error names what is wrong, and the data stay as
/// they are.
class GridRefusal : public testing::Test {
 protected:
  GridRefusal() {
    OpenGrid grid(small_grid(path_));
    grid.feed(batches(world_.in_time(), {}));
  }
  const World world_{{.meters = 12, .days = 1}};
  const storage::test::FastDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "grid";
};

TEST_F(GridRefusal, ADirectoryThatAnotherProcessHoldsIsNamedWithItsProcess) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t holder = fork();
  if (holder == 0) {  // no store and no thread here: the parent may have threads
    const auto lock = storage::DirectoryLock::acquire(path_);
    const char ok = lock ? 'y' : 'n';
    if (write(ready[1], &ok, 1) == 1) pause();
    _exit(0);
  }
  char ok = 0;
  EXPECT_EQ(read(ready[0], &ok, 1), 1);
  EXPECT_EQ(ok, 'y');
  const auto before = files_of(path_);
  const auto error = refusal_to_open(small_grid(path_));
  EXPECT_EQ(error.code, Errc::in_use);
  EXPECT_THAT(error.text, HasSubstr(path_.string()));
  EXPECT_THAT(error.text, HasSubstr(std::to_string(holder)));
  EXPECT_TRUE(files_of(path_) == before);
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
}

TEST_F(GridRefusal, AGridThatIsOpenInThisProcessIsInUse) {
  OpenGrid grid(small_grid(path_));
  const auto error = refusal_to_open(small_grid(path_));
  EXPECT_EQ(error.code, Errc::in_use);
  EXPECT_THAT(error.text, HasSubstr(std::to_string(getpid())));
  EXPECT_EQ(grid.check(), "") << "the one that was there goes on";
}

TEST_F(GridRefusal, AnotherNumberOfPartitionsIsRefusedWithBothNumbers) {
  const auto before = contents_of(path_);
  const auto error = refusal_to_open(small_grid(path_, 5));
  EXPECT_EQ(error.code, Errc::mismatch);
  EXPECT_THAT(error.text, HasSubstr("has 3 meter partitions, asked for were 5"));
  EXPECT_TRUE(contents_of(path_) == before);
}

TEST_F(GridRefusal, WithoutANumberGivenTheGridsOwnIsTaken) {
  auto options = small_grid(path_, 5);
  options.partitions_given = false;
  OpenGrid grid(options);
  EXPECT_EQ(grid->topology().meter_partitions(), 3);
}

// -- the file GRID ------------------------------------------------------------------------------

TEST_F(GridRefusal, AGridFileOfANewerFormatIsNamed) {
  storage::RecordBuilder<schema::GridRecord> record;
  record->setFormatVersion(storage::record_format + 1);
  record->setPartitions(3);
  std::ofstream(path_ / "GRID", std::ios::binary) << record.bytes();
  const auto before = contents_of(path_);
  const auto error = refusal_to_open(small_grid(path_));
  EXPECT_EQ(error.code, Errc::newer_format);
  EXPECT_THAT(error.text, HasSubstr((path_ / "GRID").string()));
  EXPECT_THAT(error.text, HasSubstr("format " + std::to_string(storage::record_format + 1)));
  EXPECT_TRUE(contents_of(path_) == before);
}

TEST_F(GridRefusal, ADamagedGridFileIsNamed) {
  std::filesystem::resize_file(path_ / "GRID", 11);
  const auto before = contents_of(path_);
  const auto error = refusal_to_open(small_grid(path_));
  EXPECT_EQ(error.code, Errc::damaged);
  EXPECT_THAT(error.text, HasSubstr((path_ / "GRID").string()));
  EXPECT_TRUE(contents_of(path_) == before);
}

TEST_F(GridRefusal, DataWithoutTheirGridFileAreNotTakenForANewGrid) {
  std::filesystem::remove(path_ / "GRID");
  const auto before = files_of(path_);
  for (const bool create : {true, false}) {
    auto options = small_grid(path_);
    options.create = create;
    const auto error = refusal_to_open(options);
    EXPECT_EQ(error.code, Errc::damaged);
    EXPECT_THAT(error.text, HasSubstr((path_ / "GRID").string()));
  }
  EXPECT_TRUE(files_of(path_) == before);
}

TEST_F(GridRefusal, ADirectoryOfSomethingElseIsRefused) {
  const auto elsewhere = directory_.path() / "photos";
  std::filesystem::create_directories(elsewhere);
  std::ofstream(elsewhere / "LOCK") << "of another program";
  std::ofstream(elsewhere / "cat.jpg") << "meow";
  const auto before = files_of(elsewhere);
  const auto error = refusal_to_open(small_grid(elsewhere));
  EXPECT_EQ(error.code, Errc::foreign);
  EXPECT_THAT(error.text, HasSubstr(elsewhere.string()));
  EXPECT_THAT(error.text, HasSubstr("a new grid wants an empty directory"));
  EXPECT_EQ(files_of(elsewhere), before);
  auto only_read = small_grid(elsewhere);
  only_read.create = false;
  EXPECT_THAT(refusal_to_open(only_read).text, Not(HasSubstr("a new grid")));
}

TEST_F(GridRefusal, MorePartitionsThanARunCanSendToAreRefused) {
  const auto error = refusal_to_open(small_grid(directory_.path() / "vast", 4001));
  EXPECT_EQ(error.code, Errc::mismatch);
  EXPECT_THAT(error.text, HasSubstr("at most 4000 meter partitions, asked for were 4001"));
}

TEST_F(GridRefusal, AMissingDirectoryIsNotMadeWhenTheGridHasToBeThere) {
  auto options = small_grid(directory_.path() / "nowhere");
  options.create = false;
  EXPECT_EQ(refusal_to_open(options).code, Errc::mismatch);
  EXPECT_FALSE(std::filesystem::exists(options.directory));
}

TEST_F(GridRefusal, ACreationThatWasCutShortBeginsAgain) {
  const auto fresh = directory_.path() / "fresh";
  std::filesystem::create_directories(fresh);
  std::ofstream(fresh / "LOCK") << "12345\n";
  std::ofstream(fresh / "GRID.new") << "half";
  OpenGrid grid(small_grid(fresh));
  EXPECT_EQ(grid.check(), "");
}

TEST_F(GridRefusal, AJournalThatHasLostAllItsSegmentsIsNoNewOne) {
  std::filesystem::remove_all(path_ / "journal");
  std::filesystem::create_directories(path_ / "journal");
  const auto error = refusal_to_open(small_grid(path_));
  EXPECT_EQ(error.code, Errc::damaged);
  EXPECT_THAT(error.text, HasSubstr((path_ / "journal").string() + ": holds no journal segment"));
}

// -- parts of different grids --------------------------------------------------------------------

class MixedGrids : public GridRefusal {
 protected:
  MixedGrids() {
    OpenGrid grid(small_grid(other_));
    grid.feed(batches(world_.in_time(), {}));
  }
  void take_from_other(const std::string& part) {
    std::filesystem::remove_all(path_ / part);
    std::filesystem::copy(other_ / part, path_ / part, std::filesystem::copy_options::recursive);
  }
  void expect_foreign(const std::string& part) {
    const auto before = contents_of(path_);
    const auto error = refusal_to_open(small_grid(path_));
    EXPECT_EQ(error.code, Errc::foreign) << error.text;
    EXPECT_THAT(error.text, HasSubstr((path_ / part).string()));
    EXPECT_TRUE(contents_of(path_) == before);
  }
  const std::filesystem::path other_ = directory_.path() / "other";
};

TEST_F(MixedGrids, TheStoreOfAnotherGridIsRefused) {
  take_from_other("partitions/00001");
  expect_foreign("partitions/00001");
}

TEST_F(MixedGrids, TheMarketStoreOfAnotherGridIsRefused) {
  take_from_other("market");
  expect_foreign("market");
}

TEST_F(MixedGrids, TheJournalOfAnotherGridIsRefused) {
  take_from_other("journal");
  expect_foreign("journal");
}

TEST_F(MixedGrids, TheStoreOfAnotherPartitionIsRefused) {
  std::filesystem::remove_all(path_ / "partitions/00001");
  std::filesystem::copy(path_ / "partitions/00002", path_ / "partitions/00001",
                        std::filesystem::copy_options::recursive);
  expect_foreign("partitions/00001");
}

// -- stores that do not hold ---------------------------------------------------------------------

TEST_F(GridRefusal, AMetaRecordOfANewerFormatIsNamed) {
  {
    auto store =
        storage::Store::open(storage::test::store_options(path_ / "partitions/00000")).value();
    storage::RecordBuilder<schema::MetaRecord> meta;
    meta->setFormatVersion(storage::record_format + 4);
    storage::Commit commit(*store);
    commit.put(storage::Family::meta, "meta", meta.bytes());
    ASSERT_TRUE(store->commit(commit, 1));
    ASSERT_TRUE(store->flush(true));
  }
  const auto before = contents_of(path_);
  const auto error = refusal_to_open(small_grid(path_));
  EXPECT_EQ(error.code, Errc::newer_format);
  EXPECT_THAT(error.text, HasSubstr((path_ / "partitions/00000").string()));
  EXPECT_THAT(error.text, HasSubstr("format " + std::to_string(storage::record_format + 4)));
  EXPECT_TRUE(contents_of(path_) == before);
}

TEST_F(GridRefusal, ADamagedTableOfAStoreIsNamed) {
  ASSERT_GE(storage::test::damage_tables(path_ / "partitions/00002"), 1);
  const auto before = contents_of(path_);
  const auto error = refusal_to_open(small_grid(path_));
  EXPECT_EQ(error.code, Errc::damaged_table);
  EXPECT_THAT(error.text, HasSubstr((path_ / "partitions/00002").string()));
  EXPECT_TRUE(contents_of(path_) == before);
}

TEST_F(GridRefusal, AStoreThatWasLostIsMadeAgainFromAJournalThatStillHoldsAll) {
  std::filesystem::remove_all(path_ / "partitions/00001");
  OpenGrid grid(small_grid(path_));
  EXPECT_EQ(grid.check(), "");
  OpenGrid whole(small_grid(directory_.path() / "whole"));
  whole.feed(batches(world_.in_time(), {}));
  EXPECT_TRUE(counting_values(grid, world_) == counting_values(whole, world_));
}

}  // namespace
}  // namespace hhgrid::tests
