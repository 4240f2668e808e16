#include "storage/wire/block_builder.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "core/assertion.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::storage {
namespace {

kj::Array<capnp::word> holiday(std::int32_t day, const std::string& name) {
  EntryScratch scratch;
  return copy_words(encode_bank_holiday({day, name}, scratch));
}

BlockBuilder builder_with(int entries, std::string source = "bank_holidays.csv") {
  BlockBuilder builder({1'700'000'000'000}, std::move(source));
  for (int i = 0; i < entries; ++i) builder.add(holiday(15000 + i, std::string(i % 40, 'x')));
  return builder;
}

std::string_view bytes_of(const Block& block) {
  const auto bytes = block.words->asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

TEST(BlockBuilder, ABlockGivesBackItsEntriesVerbatimAndInOrder) {
  auto builder = builder_with(100);
  const Block block = builder.finish({{1, 1}, 2});
  const BlockView view(block);
  ASSERT_FALSE(view.error()) << view.error()->text;
  ASSERT_EQ(view.entries().size(), 100u);
  for (int i = 0; i < 100; ++i) {
    const auto expected = holiday(15000 + i, std::string(i % 40, 'x'));
    ASSERT_EQ(view.entries()[i].size(), expected.size());
    EXPECT_EQ(std::memcmp(view.entries()[i].begin(), expected.begin(), expected.asBytes().size()),
              0);
  }
}

TEST(BlockBuilder, ABlockCarriesItsIdTimeAndSource) {
  auto builder = builder_with(3);
  const Block block = builder.finish({{1, 7}, 8});
  EXPECT_EQ(block.entry_count, 3u);
  const BlockView view(block);
  EXPECT_EQ(view.id(), (BlockId{{1, 7}, 8}));
  EXPECT_FALSE(view.ends_sender());
  EXPECT_EQ(view.received_at().milliseconds, 1'700'000'000'000);
  EXPECT_EQ(view.source(), "bank_holidays.csv");
}

TEST(BlockBuilder, ABlockSaysWhichOfItsSendersOwnItIsPartOf) {
  auto builder = builder_with(3);
  EXPECT_EQ(BlockView(builder.finish({{1, 7}, 1})).number(), 0u);
  builder.set_number(42);
  builder.add(holiday(15000, "x"));
  EXPECT_EQ(BlockView(builder.finish({{1, 7}, 2})).number(), 42u);
}

TEST(BlockBuilder, ABlockFromBeforeTheseNumbersIsRead) {
  capnp::MallocMessageBuilder message;
  auto block = message.initRoot<schema::Block>();
  block.setFormatVersion(2);
  block.setN(5);
  block.setEndsSender(true);
  const auto words = capnp::messageToFlatArray(message);
  const BlockView view(words);
  EXPECT_FALSE(view.error());
  EXPECT_EQ(view.id().n, 5u);
  EXPECT_EQ(view.number(), 0u);
}

TEST(BlockBuilder, ABlockNamesWhoHasSentItAndMayNameNobody) {
  auto builder = builder_with(3);
  EXPECT_TRUE(BlockView(builder.finish({{1, 7}, 1})).participant().empty());
  builder.set_participant(core::ParticipantId::parse("ABCD").value());
  for (const std::uint64_t n : {2, 3}) {
    builder.add(holiday(15000, "x"));
    EXPECT_EQ(BlockView(builder.finish({{1, 7}, n})).participant().view(), "ABCD");
  }
}

TEST(BlockBuilder, ABlockOfAParticipantThatIsNoneIsDamage) {
  capnp::MallocMessageBuilder message;
  auto block = message.initRoot<schema::Block>();
  block.setFormatVersion(schema::BLOCK_FORMAT);
  block.setParticipant("nobody");
  const auto words = capnp::messageToFlatArray(message);
  const BlockView view(words);
  ASSERT_TRUE(view.error());
  EXPECT_EQ(view.error()->code, Errc::damaged);
  EXPECT_NE(view.error()->text.find("nobody"), std::string::npos);
}

TEST(BlockBuilder, TheSizeForetoldIsTheSizeBuilt) {
  for (const char* source : {"", "1234567", "12345678", "a longer name of a file.csv"}) {
    auto builder = builder_with(5, source);
    for (const auto& participant :
         {core::ParticipantId(), core::ParticipantId::parse("ABCD").value()}) {
      if (builder.empty()) builder.add(holiday(15000, "x"));
      builder.set_participant(participant);
      const auto foretold = builder.size_bytes();
      EXPECT_EQ(builder.finish({{1, 1}, 1}).words->asBytes().size(), foretold) << source;
    }
  }
}

TEST(BlockBuilder, AfterFinishTheBuilderStartsOver) {
  auto builder = builder_with(5);
  builder.finish({{1, 1}, 1});
  EXPECT_TRUE(builder.empty());
  builder.add(holiday(15000, "x"));
  const Block block = builder.finish({{1, 1}, 2});
  EXPECT_EQ(BlockView(block).entries().size(), 1u);
  EXPECT_EQ(BlockView(block).source(), "bank_holidays.csv");
}

TEST(BlockBuilder, AnEmptyBlockIsNotBuilt) {
  auto builder = builder_with(0);
  EXPECT_THROW(builder.finish({{1, 1}, 1}), core::BrokenInvariant);
}

TEST(BlockBuilder, ABlockThatEndsItsSenderMayBeEmpty) {
  auto builder = builder_with(0);
  const Block block = builder.finish({{1, 1}, 3}, true);
  const BlockView view(block);
  ASSERT_FALSE(view.error()) << view.error()->text;
  EXPECT_TRUE(view.ends_sender());
  EXPECT_TRUE(view.entries().empty());
  EXPECT_EQ(block.entry_count, 0u);
}

TEST(BlockBuilder, ABlockWithTheMostEntriesIsReadAndNoneHoldsMore) {
  BlockBuilder builder({}, "");
  const auto entry = holiday(15000, "x");
  for (std::uint32_t i = 0; i < block_entries_max; ++i) builder.add(entry);
  EXPECT_THROW(builder.add(entry), core::BrokenInvariant);
  const Block block = builder.finish({{1, 1}, 1});
  EXPECT_EQ(BlockView(block).entries().size(), block_entries_max);
}

TEST(BlockBuilder, ABlockWithTooManyEntriesIsDamage) {
  capnp::MallocMessageBuilder message;
  auto block = message.initRoot<schema::Block>();
  block.setFormatVersion(schema::BLOCK_FORMAT);
  block.initEntries(block_entries_max + 1);
  const auto words = capnp::messageToFlatArray(message);
  const BlockView view(words);
  ASSERT_TRUE(view.error());
  EXPECT_EQ(view.error()->code, Errc::damaged);
  EXPECT_NE(view.error()->text.find("65537 entries"), std::string::npos);
}

TEST(BlockBuilder, ABlockReadFromBytesIsTheSame) {
  auto builder = builder_with(9);
  const Block block = builder.finish({{1, 7}, 8});
  const auto read = read_block(bytes_of(block));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->entry_count, 9u);
  EXPECT_EQ(bytes_of(*read), bytes_of(block));
}

TEST(BlockBuilder, ABlockCutOffAnywhereIsDamage) {
  auto builder = builder_with(9);
  const Block block = builder.finish({{1, 7}, 8});
  const auto bytes = bytes_of(block);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto read = read_block(bytes.substr(0, size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().code, Errc::damaged) << size;
  }
}

TEST(BlockBuilder, ABlockOfANewerFormatIsAnErrorThatNamesTheVersion) {
  capnp::MallocMessageBuilder message;
  message.initRoot<schema::Block>().setFormatVersion(9);
  const auto words = capnp::messageToFlatArray(message);
  const BlockView view(words);
  ASSERT_TRUE(view.error());
  EXPECT_EQ(view.error()->code, Errc::newer_format);
  EXPECT_NE(view.error()->text.find("version 9"), std::string::npos);
}

TEST(BlockBuilder, ABlockFromBeforeSendersHadNumbersIsRefusedByName) {
  capnp::MallocMessageBuilder message;
  message.initRoot<schema::Block>().setFormatVersion(1);
  const auto words = capnp::messageToFlatArray(message);
  const BlockView view(words);
  ASSERT_TRUE(view.error());
  EXPECT_EQ(view.error()->code, Errc::older_format);
}

TEST(BlockBuilder, AnEntryThatIsNoNumberOfWordsIsDamage) {
  capnp::MallocMessageBuilder message;
  auto block = message.initRoot<schema::Block>();
  block.setFormatVersion(schema::BLOCK_FORMAT);
  block.initEntries(1).init(0, 9);
  const auto words = capnp::messageToFlatArray(message);
  const BlockView view(words);
  ASSERT_TRUE(view.error());
  EXPECT_EQ(view.error()->code, Errc::damaged);
  EXPECT_TRUE(view.entries().empty());
}

}  // namespace
}  // namespace hhgrid::storage
