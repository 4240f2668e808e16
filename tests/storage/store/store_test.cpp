#include "storage/store/store.hpp"

#include <algorithm>
#include <vector>

#include <gmock/gmock.h>

#include "tests/storage/store/store_files.hpp"

namespace hhgrid::storage::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

using Records = std::vector<std::pair<std::string, std::string>>;

class StoreTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open(const std::filesystem::path& path) {
    auto store = Store::open(store_options(path));
    if (!store) throw std::runtime_error(store.error().text);
    return std::move(*store);
  }
  /// Every commit of the program writes `meta`; so do these.
  static void put(Store& store, BlockNumber block, Family family, const std::string& key,
                  const std::string& value) {
    Commit commit(store);
    commit.put(family, key, value);
    commit.put(Family::meta, "meta", std::to_string(block));
    ASSERT_TRUE(store.commit(commit, block));
  }
  static Records scan(const Store& store, Family family, std::string_view from = {},
                      std::string_view to = {}) {
    Records records;
    EXPECT_TRUE(store.scan(family, from, to, [&](std::string_view key, std::string_view value) {
      records.emplace_back(key, value);
      return true;
    }));
    return records;
  }
  static std::string get(const Store& store, Family family, const std::string& key) {
    const auto value = store.get(family, key);
    if (!value) return value.error().text;
    return value->value_or("(none)");
  }

  const FastDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "store";
};

TEST_F(StoreTest, OpeningsLeaveNoLogFilesBehind) {
  const auto logs = [&] {
    const auto files = files_of(path_);
    return std::count_if(files.begin(), files.end(),
                         [](const auto& file) { return file.first.ends_with(".log"); });
  };
  for (int i = 0; i < 3; ++i) {
    auto store = open(path_);
    EXPECT_LE(logs(), 1) << "RocksDB's own of this opening";
    if (i == 1) put(*store, 1, Family::actor, "key", "value");
    store.reset();
    EXPECT_EQ(logs(), 0);
  }
  EXPECT_EQ(get(*open(path_), Family::actor, "key"), "value");
}

// -- reading and writing ------------------------------------------------------------------------

TEST_F(StoreTest, GivesBackWhatACommitPutInEachFamily) {
  auto store = open(path_);
  Commit commit(*store);
  for (int i = 0; i < family_count; ++i)
    commit.put(static_cast<Family>(i), "key", std::to_string(i));
  ASSERT_TRUE(store->commit(commit, 1));
  for (int i = 0; i < family_count; ++i)
    EXPECT_EQ(get(*store, static_cast<Family>(i), "key"), std::to_string(i));
}

TEST_F(StoreTest, ACommitIsInvisibleUntilItIsWritten) {
  auto store = open(path_);
  Commit commit(*store);
  commit.put(Family::actor, "key", "value");
  EXPECT_EQ(get(*store, Family::actor, "key"), "(none)");
}

TEST_F(StoreTest, WhatACommitErasesIsGone) {
  auto store = open(path_);
  put(*store, 1, Family::outbox, "a", "1");
  Commit commit(*store);
  commit.erase(Family::outbox, "a");
  ASSERT_TRUE(store->commit(commit, 2));
  EXPECT_EQ(get(*store, Family::outbox, "a"), "(none)");
  EXPECT_TRUE(scan(*store, Family::outbox).empty());
}

TEST_F(StoreTest, ScansARangeInKeyOrderWithoutItsEnd) {
  auto store = open(path_);
  for (const char* key : {"d", "a", "c", "b"}) put(*store, 1, Family::ledger, key, key);
  EXPECT_THAT(scan(*store, Family::ledger, "b", "d"), ElementsAre(Pair("b", "b"), Pair("c", "c")));
  EXPECT_EQ(scan(*store, Family::ledger).size(), 4u);
}

TEST_F(StoreTest, AScanEndsWhenTheVisitorHasEnough) {
  auto store = open(path_);
  for (const char* key : {"a", "b", "c"}) put(*store, 1, Family::ledger, key, key);
  int visited = 0;
  ASSERT_TRUE(store->scan(Family::ledger, {}, {}, [&](auto, auto) { return ++visited < 2; }));
  EXPECT_EQ(visited, 2);
}

TEST_F(StoreTest, ScansAllKeysOfAPrefixEvenOfHighestBytes) {
  auto store = open(path_);
  for (const std::string key : {"a", "\xff", "\xff\x01", "\xff\xff"})
    put(*store, 1, Family::run, key, "");
  int visited = 0;
  ASSERT_TRUE(store->scan_prefix(Family::run, "\xff", [&](auto, auto) { return ++visited > 0; }));
  EXPECT_EQ(visited, 3);
}

TEST(PrefixEnd, IsTheLeastKeyAboveAllKeysOfThePrefix) {
  EXPECT_EQ(prefix_end("ab"), "ac");
  EXPECT_EQ(prefix_end("a\xff\xff"), "b");
  EXPECT_EQ(prefix_end("\xff\xff"), "");
  EXPECT_EQ(prefix_end(""), "");
}

TEST_F(StoreTest, AViewKeepsSeeingWhatItSawAtFirst) {
  auto store = open(path_);
  put(*store, 1, Family::actor, "key", "old");
  const Store::View view(*store);
  put(*store, 2, Family::actor, "key", "new");
  EXPECT_EQ(view.get(Family::actor, "key")->value(), "old");
  EXPECT_EQ(get(*store, Family::actor, "key"), "new");
}

TEST_F(StoreTest, AViewFindsTheGreatestKeyBelowAnother) {
  auto store = open(path_);
  put(*store, 1, Family::actor, "a", "1");
  put(*store, 2, Family::actor, "c", "3");
  const Store::View view(*store);
  EXPECT_THAT(view.last_before(Family::actor, "c")->value(), Pair("a", "1"));
  EXPECT_FALSE(view.last_before(Family::actor, "a")->has_value());
}

// -- what is durable ----------------------------------------------------------------------------

TEST_F(StoreTest, NothingIsDurableBeforeAFlushAndTheLastCommitAfterIt) {
  auto store = open(path_);
  put(*store, 3, Family::actor, "a", "1");
  put(*store, 7, Family::actor, "b", "2");
  EXPECT_EQ(store->durable_block(), 0u);
  ASSERT_TRUE(store->flush(true));
  EXPECT_EQ(store->durable_block(), 7u);
}

TEST_F(StoreTest, TellsTheListenerOfEveryRiseOfTheDurablePosition) {
  auto store = open(path_);
  std::vector<BlockNumber> told;
  store->on_durable([&](BlockNumber block) { told.push_back(block); });
  put(*store, 3, Family::actor, "a", "1");
  ASSERT_TRUE(store->flush(true));
  ASSERT_TRUE(store->flush(true));
  put(*store, 4, Family::actor, "a", "2");
  ASSERT_TRUE(store->flush(true));
  store.reset();
  EXPECT_THAT(told, ElementsAre(3, 4));
}

TEST_F(StoreTest, AnOpenedStoreIsDurableUpToWhereItWasFound) {
  auto store = open(path_);
  store->loaded(42);
  EXPECT_EQ(store->durable_block(), 42u);
}

TEST_F(StoreTest, FindsEverythingAgainAfterAFlush) {
  {
    auto store = open(path_);
    put(*store, 1, Family::actor, "a", "1");
    put(*store, 2, Family::consumption, "b", "2");
    ASSERT_TRUE(store->flush(true));
  }
  auto store = open(path_);
  EXPECT_EQ(get(*store, Family::actor, "a"), "1");
  EXPECT_EQ(get(*store, Family::consumption, "b"), "2");
  EXPECT_EQ(get(*store, Family::meta, "meta"), "2");
}

TEST_F(StoreTest, ACrashLeavesTheStateOfTheLastFlushInAllFamilies) {
  auto store = open(path_);
  const auto commit_everywhere = [&](BlockNumber block) {
    Commit commit(*store);
    for (int i = 0; i < family_count; ++i)
      commit.put(static_cast<Family>(i), "at", std::to_string(block));
    ASSERT_TRUE(store->commit(commit, block));
  };
  commit_everywhere(1);
  ASSERT_TRUE(store->flush(true));
  commit_everywhere(2);
  copy_as_after_a_crash(path_, directory_.path() / "crashed");
  const auto crashed = open(directory_.path() / "crashed");
  for (int i = 0; i < family_count; ++i)
    EXPECT_EQ(get(*crashed, static_cast<Family>(i), "at"), "1");
}

TEST_F(StoreTest, TellsBytesOnDiskAndInMemory) {
  auto store = open(path_);
  EXPECT_EQ(store->disk_bytes(), 0u);
  put(*store, 1, Family::consumption, "a", std::string(10'000, 'x'));
  EXPECT_GT(store->memory_bytes(), 10'000u);
  ASSERT_TRUE(store->flush(true));
  EXPECT_GT(store->disk_bytes(), 0u);
}

}  // namespace
}  // namespace hhgrid::storage::test
