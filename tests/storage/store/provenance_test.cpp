#include "storage/store/provenance.hpp"

#include <gmock/gmock.h>

#include "tests/storage/store/store_files.hpp"

namespace hhgrid::storage::test {
namespace {

class ProvenanceTest : public testing::Test {
 protected:
  void put(BlockNumber block, const BlockOrigin& origin) {
    Commit commit(*store_);
    commit.put(Family::block, block_key(block), block_record(origin));
    ASSERT_TRUE(store_->commit(commit, block));
  }

  const FastDirectory directory_;
  const std::unique_ptr<Store> store_ =
      Store::open(store_options(directory_.path() / "store")).value();
};

TEST_F(ProvenanceTest, ThePositionsOfABlockComeFromWhereItDid) {
  put(3, {{1000}, 2, "readings.csv", {4, 5}});
  Provenance provenance(*store_);
  for (const std::uint32_t index : {0u, 1u, 0u}) {
    const auto origin = provenance.of({3, index});
    ASSERT_TRUE(origin) << origin.error().text;
    EXPECT_EQ((*origin)->received_at, core::Instant{1000});
    EXPECT_EQ((*origin)->source, "readings.csv");
    EXPECT_EQ((*origin)->sender, (SenderId{4, 5}));
  }
}

TEST_F(ProvenanceTest, ABlockKeepsWhoHasSentIt) {
  const auto participant = core::ParticipantId::parse("ABCD").value();
  put(3, {{1000}, 2, "readings.csv", {4, 5}, participant});
  put(4, {{1000}, 2, "readings.csv", {4, 5}});
  Provenance provenance(*store_);
  EXPECT_EQ(provenance.of({3, 0}).value()->participant, participant);
  EXPECT_TRUE(provenance.of({4, 0}).value()->participant.empty());
}

TEST_F(ProvenanceTest, APositionThatNoBlockHoldsIsDamage) {
  put(3, {{1000}, 2, "readings.csv", {4, 5}});
  Provenance provenance(*store_);
  for (const Position position : {Position(3, 2), Position(2, 0), Position(4, 0)}) {
    const auto origin = provenance.of(position);
    ASSERT_FALSE(origin) << to_string(position);
    EXPECT_EQ(origin.error().code, Errc::damaged);
    EXPECT_THAT(origin.error().text, testing::HasSubstr(to_string(position)));
  }
}

TEST_F(ProvenanceTest, ABlockThatWasNotThereIsFoundOnceItIs) {
  Provenance provenance(*store_);
  EXPECT_FALSE(provenance.of({5, 0}));
  put(5, {{2000}, 1, "late.csv", {}});
  EXPECT_TRUE(provenance.of({5, 0}));
}

TEST_F(ProvenanceTest, ManyBlocksAreToldApart) {
  constexpr BlockNumber count = 3000;
  for (BlockNumber block = 1; block <= count; ++block)
    put(block, {{static_cast<std::int64_t>(block)}, 1, {}, {}});
  Provenance provenance(*store_);
  for (const BlockNumber step : {1u, 1024u, 7u})
    for (BlockNumber block = 1; block <= count; block += step) {
      const auto origin = provenance.of({block, 0});
      ASSERT_TRUE(origin);
      ASSERT_EQ((*origin)->received_at.milliseconds, static_cast<std::int64_t>(block));
    }
}

}  // namespace
}  // namespace hhgrid::storage::test
