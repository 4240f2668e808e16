#include <csignal>
#include <cstdio>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <rocksdb/db.h>

#include "storage/store/database.hpp"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::storage::test {
namespace {

using testing::HasSubstr;

/// Stores that must not be opened, and records that cannot be read: each is named, and nothing is
/// changed.
class StoreRefusal : public testing::Test {
 protected:
  StoreRefusal() {
    auto store = Store::open(store_options(path_)).value();
    Commit commit(*store);
    commit.put(Family::meta, "meta", "1");
    for (int n = 0; n < 100; ++n)
      commit.put(Family::consumption, "key" + std::to_string(n), std::string(300, 'x'));
    EXPECT_TRUE(store->commit(commit, 1));
    EXPECT_TRUE(store->flush(true));
  }

  /// Opens what has to be refused.
  Error refusal(const std::filesystem::path& path) {
    const auto store = Store::open(store_options(path));
    if (!store) return store.error();
    ADD_FAILURE() << path << " was opened";
    return {};
  }

  void change_families(
      const std::function<void(rocksdb::DB&, std::vector<rocksdb::ColumnFamilyHandle*>&)>& change) {
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, path_.string(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, path_.string(), families, &handles, &db).ok());
    change(*db, handles);
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
    delete db;
  }

  const FastDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "store";
};

TEST_F(StoreRefusal, AMissingColumnFamilyIsNamed) {
  change_families([](rocksdb::DB& db, auto& handles) {
    for (auto* handle : handles) {
      if (handle->GetName() == "presence") {
        EXPECT_EQ(db.DropColumnFamily(handle).ToString(), "OK");
      }
    }
  });
  const auto before = files_of(path_);
  const auto error = refusal(path_);
  EXPECT_EQ(error.code, Errc::missing_family);
  EXPECT_THAT(error.text, HasSubstr("`presence`"));
  EXPECT_THAT(error.text, HasSubstr(path_.string()));
  EXPECT_EQ(files_of(path_), before);
}

TEST(StoreFamilies, ThoseThatCameAfterAStoreWasMadeAreAddedAndNoOther) {
  const std::vector<std::string_view> known{"meta", "actor", "later"};
  const std::vector<std::string> whole{"meta", "actor", "later"}, older{"actor", "meta"},
      damaged{"meta", "later"}, foreign{"meta", "actor", "invoices"};
  EXPECT_THAT(families_to_add(whole, known, 2, "store").value(), testing::IsEmpty());
  EXPECT_THAT(families_to_add(older, known, 2, "store").value(), testing::ElementsAre("later"));
  EXPECT_EQ(families_to_add(damaged, known, 2, "store").error().code, Errc::missing_family);
  EXPECT_EQ(families_to_add(foreign, known, 2, "store").error().code, Errc::foreign);
}

TEST_F(StoreRefusal, AColumnFamilyOfAnotherProgramIsNamed) {
  change_families([](rocksdb::DB& db, auto& handles) {
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    ASSERT_TRUE(db.CreateColumnFamily({}, "invoices", &handle).ok());
    handles.push_back(handle);
  });
  const auto before = files_of(path_);
  const auto error = refusal(path_);
  EXPECT_EQ(error.code, Errc::foreign);
  EXPECT_THAT(error.text, HasSubstr("`invoices`"));
  EXPECT_EQ(files_of(path_), before);
}

TEST_F(StoreRefusal, AStoreThatIsOpenTwiceInOneProcessIsInUse) {
  const auto store = Store::open(store_options(path_)).value();
  const auto error = refusal(path_);
  EXPECT_EQ(error.code, Errc::in_use);
  EXPECT_THAT(error.text, HasSubstr(path_.string()));
}

TEST_F(StoreRefusal, AStoreThatAnotherProcessHoldsIsInUse) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t holder = fork();
  if (holder == 0) {  // nothing but system calls: this process may have threads
    const int fd = ::open((path_ / "LOCK").c_str(), O_RDWR);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    const char ok = fcntl(fd, F_SETLK, &lock) == 0 ? 'y' : 'n';
    if (write(ready[1], &ok, 1) == 1) pause();
    _exit(0);
  }
  char ok = 0;
  EXPECT_EQ(read(ready[0], &ok, 1), 1);
  EXPECT_EQ(ok, 'y');
  const auto before = data_files_of(path_);
  const auto error = refusal(path_);
  EXPECT_EQ(error.code, Errc::in_use);
  EXPECT_EQ(data_files_of(path_), before);
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
  EXPECT_TRUE(Store::open(store_options(path_)));
}

TEST_F(StoreRefusal, ADirectoryWithoutAStoreIsNotOpenedForReading) {
  auto options = store_options(directory_.path() / "nothing");
  options.read_only = true;
  const auto store = Store::open(options);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::foreign);
  EXPECT_FALSE(std::filesystem::exists(options.path));
}

// -- damage -------------------------------------------------------------------------------------

TEST_F(StoreRefusal, ADamagedTableIsAnErrorOfTheReadAndNamesPathAndFamily) {
  ASSERT_GE(damage_tables(path_), 1);
  const auto store = Store::open(store_options(path_));
  ASSERT_TRUE(store) << "tables are checked when they are read";
  const auto value = (*store)->get(Family::consumption, "key1");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, Errc::damaged_table);
  EXPECT_THAT(value.error().text, HasSubstr(path_.string()));
  EXPECT_THAT(value.error().text, HasSubstr("consumption"));
  const auto scanned = (*store)->scan(Family::consumption, {}, {}, [](auto, auto) { return true; });
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().code, Errc::damaged_table);
}

TEST_F(StoreRefusal, AMissingTableIsNamed) {
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    if (entry.path().extension() == ".sst") {
      std::filesystem::remove(entry.path());
      break;
    }
  const auto before = data_files_of(path_);
  const auto error = refusal(path_);
  EXPECT_EQ(error.code, Errc::damaged_table);
  EXPECT_THAT(error.text, HasSubstr(path_.string()));
  EXPECT_THAT(error.text, HasSubstr("No such file"));
  EXPECT_EQ(data_files_of(path_), before);
}

TEST_F(StoreRefusal, AStoreWithoutItsFileCurrentIsNotTakenForANewOne) {
  std::filesystem::remove(path_ / "CURRENT");
  const auto before = files_of(path_);
  const auto error = refusal(path_);
  EXPECT_EQ(error.code, Errc::damaged);
  EXPECT_THAT(error.text, HasSubstr("CURRENT"));
  EXPECT_EQ(files_of(path_), before);
}

TEST_F(StoreRefusal, ADamagedFileCurrentIsNamed) {
  std::ofstream(path_ / "CURRENT") << "MANIFEST-";
  const auto before = files_of(path_);
  const auto error = refusal(path_);
  EXPECT_EQ(error.code, Errc::damaged_table);
  EXPECT_THAT(error.text, HasSubstr(path_.string()));
  EXPECT_EQ(files_of(path_), before);
}

TEST_F(StoreRefusal, ADamagedManifestIsNamed) {
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    if (!entry.path().filename().string().starts_with("MANIFEST")) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(30).write("garbage!", 8);
  }
  const auto before = data_files_of(path_);
  const auto error = refusal(path_);
  EXPECT_EQ(error.code, Errc::damaged_table);
  EXPECT_THAT(error.text, HasSubstr(path_.string()));
  EXPECT_EQ(data_files_of(path_), before);
}

}  // namespace
}  // namespace hhgrid::storage::test
