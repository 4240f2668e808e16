#include "net/ingest/ingest_session.hpp"

#include "core/partitioning.hpp"
#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {
namespace {

class IngestSessionTest : public ::testing::Test {
 protected:
  static constexpr storage::SenderId sender{7, 8};

  IngestSession session(std::uint32_t entries_max, std::size_t bytes_max = 1 << 20,
                        bool ends_sender = false) {
    return IngestSession({storage::Topology(3), entries_max, bytes_max, sender, ends_sender,
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
  auto s = session(60'000, 4096);
  add(s, 1, 1000);
  ASSERT_GT(delivered_.size(), 1u);
  EXPECT_LT(delivered_[0].second.words->asBytes().size(), 4096u + 256u);
}

TEST_F(IngestSessionTest, TheFirstBlocksAreSmallAndTheLaterOnesLarger) {
  auto s = session(3000, 1 << 24);
  add(s, 1, 1024 + 2048 + 3000 + 3000);
  add(s, 2, 1024);
  std::vector<std::pair<storage::PartitionId, std::uint32_t>> sizes;
  for (const auto& [partition, block] : delivered_)
    sizes.emplace_back(partition, block.entry_count);
  EXPECT_EQ(sizes, (std::vector<std::pair<storage::PartitionId, std::uint32_t>>{
                       {1, 1024}, {1, 2048}, {1, 3000}, {1, 3000}, {2, 1024}}));
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

TEST_F(IngestSessionTest, TheBlocksOfEachPartitionAreNumberedFromOne) {
  auto s = session(1);
  add(s, 0, 2);
  add(s, 3, 1);
  EXPECT_EQ(storage::BlockView(delivered_[0].second).id(), (storage::BlockId{sender, 1}));
  EXPECT_EQ(storage::BlockView(delivered_[1].second).id(), (storage::BlockId{sender, 2}));
  EXPECT_EQ(storage::BlockView(delivered_[2].second).id(), (storage::BlockId{sender, 1}));
}

TEST_F(IngestSessionTest, EverySessionIsAnotherSenderUnlessToldWhich) {
  EXPECT_NE(SessionOptions{}.sender, SessionOptions{}.sender);
  EXPECT_FALSE(SessionOptions{}.sender.is_partition());
}

TEST_F(IngestSessionTest,
       TheLastBlockOfEachPartitionEndsTheSenderAlsoWhenThereIsNothingLeftToSend) {
  auto s = session(2, 1 << 20, true);
  add(s, 0, 3);  // one block, and an entry left
  add(s, 1, 2);  // one block
  ASSERT_TRUE(s.finish());
  ASSERT_EQ(delivered_.size(), 4u);
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_FALSE(storage::BlockView(delivered_[i].second).ends_sender());
  const storage::BlockView rest(delivered_[2].second), nothing(delivered_[3].second);
  EXPECT_TRUE(rest.ends_sender());
  EXPECT_EQ(rest.entries().size(), 1u);
  EXPECT_EQ(delivered_[3].first, 1);
  EXPECT_TRUE(nothing.ends_sender());
  EXPECT_EQ(nothing.id().n, 2u);
  EXPECT_FALSE(nothing.error());
  EXPECT_TRUE(nothing.entries().empty());
}

TEST_F(IngestSessionTest, WhatComesAfterTheEndHasAnotherSender) {
  auto s = session(10, 1 << 20, true);
  add(s, 0, 1);
  ASSERT_TRUE(s.finish());
  ASSERT_TRUE(s.finish());
  ASSERT_EQ(delivered_.size(), 1u);
  add(s, 0, 1);
  ASSERT_TRUE(s.finish());
  const storage::BlockView view(delivered_.at(1).second);
  EXPECT_NE(view.id().sender, sender);
  EXPECT_EQ(view.id().n, 1u);
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

TEST_F(IngestSessionTest, EachMeterPartitionIsToldTheLimitsBeforeItsFirstEntry) {
  SessionOptions options;
  options.topology = storage::Topology(3);
  options.block_entries_max = 10;
  options.clock = [] { return core::Instant{1}; };
  options.maximum = core::MaximumEnergy();
  IngestSession s(options, [this](storage::PartitionId partition, storage::Block block) {
    delivered_.emplace_back(partition, std::move(block));
    return tl::expected<void, storage::Error>();
  });
  add(s, 1, 1);
  ASSERT_TRUE(s.flush());
  add(s, 1, 1);
  add(s, 3, 1);  // the market partition
  ASSERT_TRUE(s.flush());
  ASSERT_EQ(delivered_.size(), 3u);
  EXPECT_EQ(delivered_[0].second.entry_count, 2u);
  const storage::BlockView view(delivered_[0].second);
  storage::EntryView entry(view.entries()[0]);
  EXPECT_TRUE(entry.entry()->isConsumptionLimits());
  EXPECT_EQ(delivered_[1].second.entry_count, 1u);
  EXPECT_EQ(delivered_[2].second.entry_count, 1u);
}

}  // namespace
}  // namespace hhgrid::net
