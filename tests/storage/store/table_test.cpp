#include "storage/store/table.hpp"

#include <vector>

#include <gmock/gmock.h>

#include "storage/wire/schema/record.capnp.h"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::storage::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr Table<schema::PartialRecord> partials(Family::presence, "p");

class TableTest : public testing::Test {
 protected:
  TableTest() {
    auto opened = Store::open(store_options(directory_.path() / "store"));
    if (!opened) throw std::runtime_error(opened.error().text);
    store_ = std::move(*opened);
  }
  void put(Family family, std::string_view key, std::string_view value) {
    Commit commit(*store_);
    commit.put(family, key, value);
    ASSERT_TRUE(store_->commit(commit, BlockNumber{0}));
  }
  void put_partial(std::uint32_t number, std::uint64_t present) {
    RecordBuilder<schema::PartialRecord> record;
    record->setPresent(present);
    put(Family::presence, partials.key().u32(number), record.bytes());
  }
  std::vector<std::uint64_t> presents() {
    std::vector<std::uint64_t> found;
    EXPECT_TRUE(partials.each(*store_, [&](KeyReader& key, auto record) {
      found.push_back(key.u32() * 100 + record.getPresent());
    }));
    return found;
  }

  const FastDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(TableTest, VisitsItsRecordsInOrderOfTheirKeys) {
  put_partial(7, 3);
  put_partial(2, 1);
  EXPECT_THAT(presents(), ElementsAre(201, 703));
}

TEST_F(TableTest, LeavesOutWhatHasAnotherTag) {
  put_partial(7, 3);
  put(Family::presence, "q no record of this table", "anything");
  EXPECT_THAT(presents(), ElementsAre(703));
}

TEST_F(TableTest, EndsWhenTheVisitorSaysSo) {
  put_partial(1, 1);
  put_partial(2, 1);
  int visits = 0;
  EXPECT_TRUE(partials.each(*store_, [&](KeyReader& key, auto) {
    ++visits;
    return key.u32() != 1;
  }));
  EXPECT_EQ(visits, 1);
}

TEST_F(TableTest, GivesBackTheVisitorsError) {
  put_partial(1, 1);
  const auto read = partials.each(*store_, [&](KeyReader& key, auto) -> tl::expected<void, Error> {
    key.u32();
    return tl::unexpected(Error{Errc::mismatch, "not this one"});
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text, "not this one");
}

TEST_F(TableTest, NamesPathFamilyAndKeyOfADamagedRecord) {
  put(Family::presence, partials.key().u32(5), "no message");
  const auto read = partials.each(*store_, [](KeyReader& key, auto) { key.u32(); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::damaged);
  EXPECT_THAT(read.error().text, AllOf(HasSubstr(store_->path().string()),
                                       HasSubstr("presence p\\x00\\x00\\x00\\x05")));
}

TEST_F(TableTest, RefusesAKeyThatIsTooLongOrTooShort) {
  RecordBuilder<schema::PartialRecord> record;
  for (const auto& key : {partials.key().u64(5).str(), partials.key().u16(5).str()}) {
    put(Family::presence, key, record.bytes());
    const auto read = partials.each(*store_, [](KeyReader& k, auto) { k.u32(); });
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().text, HasSubstr("is no key of such a record"));
    Commit commit(*store_);
    commit.erase(Family::presence, key);
    ASSERT_TRUE(store_->commit(commit, BlockNumber{0}));
  }
}

TEST_F(TableTest, GetsOneRecordOrNothing) {
  put_partial(7, 3);
  const auto present = [](auto record) { return record.getPresent(); };
  const auto found = partials.get(*store_, partials.key().u32(7), present);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, 3u);
  const auto missing = partials.get(*store_, partials.key().u32(8), present);
  ASSERT_TRUE(missing);
  EXPECT_FALSE(*missing);
}

}  // namespace
}  // namespace hhgrid::storage::test
