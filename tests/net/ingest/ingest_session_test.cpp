#include "net/ingest/ingest_session.hpp"

#include "core/partitioning.hpp"
#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {
namespace {

class IngestSessionTest : public ::testing::Test {
 protected:
  IngestSession session(std::uint32_t entries_max, std::size_t bytes_max = 1 << 20,
                        std::string identity = "x") {
    return IngestSession({storage::Topology(3), entries_max, bytes_max, std::move(identity),
                          [this] { return core::Instant{++now_}; }},
                         [this](storage::PartitionId partition, storage::Block block) {
                           delivered_.emplace_back(partition, std::move(block));
                           return tl::expected<void, storage::Error>();
                         });
  }
  void add(IngestSink& sink, storage::PartitionId partition, int count) {
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(sink.add(partition, storage::encode_bank_holiday({15000 + i, "x"}, scratch_)));
  }

  storage::EntryScratch scratch_;
  std::int64_t now_ = 0;
  std::vector<std::pair<storage::PartitionId, storage::Block>> delivered_;
};

TEST_F(IngestSessionTest, ABlockIsHandedOnWhenItHasItsEntries) {
  auto s = session(10);
  add(s, 1, 9);
  EXPECT_TRUE(delivered_.empty());
  add(s, 1, 1);
  ASSERT_EQ(delivered_.size(), 1u);
  EXPECT_EQ(delivered_[0].first, 1);
  EXPECT_EQ(delivered_[0].second.entry_count, 10u);
}

TEST_F(IngestSessionTest, ABlockIsHandedOnWhenItHasItsBytes) {
  auto s = session(1'000'000, 4096);
  add(s, 1, 1000);
  ASSERT_GT(delivered_.size(), 1u);
  EXPECT_LT(delivered_[0].second.words->asBytes().size(), 4096u + 256u);
}

TEST_F(IngestSessionTest, EachPartitionHasItsOwnBlocks) {
  auto s = session(10);
  add(s, 0, 9);
  add(s, 3, 9);
  EXPECT_TRUE(delivered_.empty());
  ASSERT_TRUE(s.flush());
  ASSERT_EQ(delivered_.size(), 2u);
  EXPECT_EQ(delivered_[0].first, 0);
  EXPECT_EQ(delivered_[1].first, 3);
  EXPECT_EQ(s.entries_delivered(), 18u);
}

TEST_F(IngestSessionTest, ANewSourceBeginsNewBlocks) {
  auto s = session(10);
  ASSERT_TRUE(s.begin_source("first"));
  add(s, 0, 1);
  ASSERT_TRUE(s.begin_source("second"));
  add(s, 0, 1);
  ASSERT_TRUE(s.flush());
  ASSERT_EQ(delivered_.size(), 2u);
  EXPECT_EQ(storage::BlockView(delivered_[0].second).source(), "first");
  EXPECT_EQ(storage::BlockView(delivered_[1].second).source(), "second");
}

TEST_F(IngestSessionTest, EachBlockIsStampedWhenItIsHandedOn) {
  auto s = session(1);
  add(s, 0, 2);
  EXPECT_EQ(storage::BlockView(delivered_[0].second).received_at().milliseconds, 1);
  EXPECT_EQ(storage::BlockView(delivered_[1].second).received_at().milliseconds, 2);
}

TEST_F(IngestSessionTest, BatchIdsAreTheSameOnlyForTheSameIngestion) {
  for (const char* identity : {"a", "a", "b"}) {
    auto s = session(1, 1 << 20, identity);
    add(s, 0, 1);
    add(s, 0, 1);  // the same entry again
  }
  const auto id = [this](int i) { return delivered_[static_cast<std::size_t>(i)].second.batch_id; };
  EXPECT_EQ(id(0), id(2));
  EXPECT_EQ(id(1), id(3));
  EXPECT_NE(id(0), id(1));
  EXPECT_NE(id(0), id(4));
}

TEST_F(IngestSessionTest, AMeterAndTheMarketHaveTheirPartitions) {
  auto s = session(1);
  const auto mpan = core::Mpan::from_number(1012345678903);
  ASSERT_TRUE(
      s.add_meter(mpan, storage::encode_annual_consumption({mpan, {15000}, 1, 'A'}, scratch_)));
  ASSERT_TRUE(s.add_market(storage::encode_bank_holiday({15000, "x"}, scratch_)));
  EXPECT_EQ(delivered_[0].first, core::meter_partition(mpan, 3));
  EXPECT_EQ(delivered_[1].first, 3);
}

}  // namespace
}  // namespace hhgrid::net
