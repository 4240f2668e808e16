#include <random>

#include <gmock/gmock.h>

#include "actors/verify/check.hpp"
#include "storage/journal/local/local_journal.hpp"
#include "storage/wire/block_builder.hpp"
#include "tests/actors/host/fold_fixture.hpp"
#include "tests/storage/journal/misbehaving_journal.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Errc;
using storage::Family;

std::unique_ptr<storage::LocalJournal> open_journal(const std::filesystem::path& directory) {
  storage::LocalJournalOptions options;
  options.directory = directory;
  options.grid_id = {1, 2};
  options.partition_count = 2;
  options.segment_bytes = 16 << 10;
  auto journal = storage::LocalJournal::open(options);
  if (!journal) throw std::runtime_error(journal.error().text);
  return std::move(*journal);
}

/// A meter partition that reads its journal from wherever its store is.
class Reader {
 public:
  explicit Reader(std::filesystem::path path) : path_(std::move(path)) { open(); }

  void open() {
    fold_.reset();
    store_.reset();
    storage::StoreOptions options;
    options.path = path_;
    store_ = std::move(storage::Store::open(options)).value();
    fold_ =
        std::make_unique<MeterFold>(identity, *store_, FoldGrid::calendar(), MeterFoldOptions{});
    if (auto loaded = fold_->load(); !loaded) throw std::runtime_error(loaded.error().text);
  }
  void catch_up(storage::Journal& journal) {
    const auto blocks = journal.read(0, fold_->block() + 1, SIZE_MAX).value();
    for (const auto& block : blocks)
      if (auto done = fold_->apply(block); !done) throw std::runtime_error(done.error().text);
  }
  Fold& fold() { return *fold_; }
  storage::Store& store() { return *store_; }
  CheckReport check() { return check_store(*store_, FoldGrid::calendar(), identity); }
  /// All that follows from the entries taken, in their order; not where they stand in the journal.
  std::map<std::string, std::vector<std::string>> state() const {
    std::map<std::string, std::vector<std::string>> all;
    const auto add = [&](Family family, std::size_t position_bytes) {
      EXPECT_TRUE(store_->scan(family, {}, {}, [&](std::string_view key, std::string_view value) {
        const auto rest = key.substr(0, key.size() - position_bytes);
        all[std::string(to_string(family)) + std::string(rest)].emplace_back(value);
        return true;
      }));
    };
    add(Family::ledger, 0);
    add(Family::presence, 0);
    add(Family::consumption, sizeof(storage::Position));
    return all;
  }

  static inline const Fold::Identity identity{0, storage::Topology(1), {}};

 private:
  std::filesystem::path path_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Fold> fold_;
};

class FoldJournal : public testing::Test {
 protected:
  /// What three senders send in turn, some blocks at a time: meters with their registrations, and
  /// readings that replace each other.
  void send(storage::Journal& journal, int round) {
    const storage::SenderId sender{9, static_cast<std::uint64_t>(round % 3)};
    std::vector<std::pair<storage::PartitionId, storage::Block>> blocks;
    for (int i = 0; i < 4; ++i) {
      const int number = round * 4 + i;
      storage::BlockBuilder builder({1'358'000'000'000 + round * 1000 + i},
                                    "delivery " + std::to_string(number));
      const auto mpan = meter_mpan(static_cast<std::uint64_t>(number % 10));
      if (number < 10)
        builder.add(registration_entry(mpan, run_day - 30, core::open_ended, terms_variant(0)));
      for (int day = 0; day < 3; ++day)
        builder.add(
            consumption_entry(mpan, {run_day.value + (number + day) % 5}, number * 7 + day));
      blocks.emplace_back(
          0, builder.finish({sender, static_cast<std::uint64_t>(round / 3 * 4 + i + 1)}));
    }
    ASSERT_TRUE(journal.append_all(blocks));
  }

  ScratchDirectory directory_;
};

TEST_F(FoldJournal, WhateverTheHomeDoesAndWheneverItCrashesTheStateIsThatOfAnOrderlyJournal) {
  constexpr int rounds = 24;
  Reader orderly(directory_.path() / "orderly");
  const auto journal = open_journal(directory_.path() / "orderly journal");
  for (int round = 0; round < rounds; ++round) send(*journal, round);
  orderly.catch_up(*journal);
  ASSERT_FALSE(orderly.state().empty());
  DroppedBlocks dropped;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    const auto directory = directory_.path() / std::to_string(seed);
    std::mt19937_64 random(seed);
    Reader reader(directory / "store");
    storage::test::MisbehavingJournal home([&] { return open_journal(directory / "journal"); },
                                           seed);
    for (int round = 0; round < rounds; ++round) {
      send(home, round);
      if (random() % 3 == 0) {
        ASSERT_TRUE(reader.fold().follow(home));
        reader.catch_up(home);
      }
      if (random() % 5 == 0) {
        ASSERT_TRUE(reader.store().flush(true));
      }
      if (random() % 4 == 0) reader.open();  // what was not flushed is lost
    }
    const auto followed = reader.fold().follow(home);
    ASSERT_TRUE(followed) << followed.error().text;
    reader.catch_up(home);
    EXPECT_EQ(reader.state(), orderly.state());
    EXPECT_EQ(reader.fold().dead_letter_count(), 0u);
    const auto report = reader.check();
    EXPECT_TRUE(report.sound()) << report.damage.front().cause;
    dropped.repeated += reader.fold().dropped().repeated;
    dropped.early += reader.fold().dropped().early;
  }
  EXPECT_GT(dropped.repeated, 100u) << "the home has hardly misbehaved";
  EXPECT_GT(dropped.early, 50u);
}

// -- whose journal it is
// ----------------------------------------------------------------------------

class FoldFollows : public FoldJournal {
 protected:
  /// A store that has read six rounds, three of them before the journal was copied.
  FoldFollows() {
    const auto path = directory_.path() / "journal";
    auto journal = open_journal(path);
    for (int round = 0; round < 3; ++round) send(*journal, round);
    journal.reset();
    std::filesystem::copy(path, copy_, std::filesystem::copy_options::recursive);
    journal = open_journal(path);
    for (int round = 3; round < 6; ++round) send(*journal, round);
    follow(*journal, std::nullopt);
    reader_.catch_up(*journal);
    EXPECT_TRUE(reader_.store().flush(true));
    reader_.open();
    follow(*journal, std::nullopt);
  }
  void follow(const storage::Journal& journal, std::optional<Errc> refusal) {
    const auto followed = reader_.fold().follow(journal);
    EXPECT_EQ(followed.has_value(), !refusal);
    if (followed || !refusal) return;
    EXPECT_EQ(followed.error().code, *refusal) << followed.error().text;
    EXPECT_THAT(followed.error().text, testing::HasSubstr((directory_.path() / "store").string()));
  }

  Reader reader_{directory_.path() / "store"};
  const std::filesystem::path copy_ = directory_.path() / "copy";
};

TEST_F(FoldFollows, AnotherJournalIsRefused) {
  const auto other = open_journal(directory_.path() / "other");
  for (int round = 0; round < 6; ++round) send(*other, round);
  follow(*other, Errc::foreign);
}

TEST_F(FoldFollows, AJournalThatEndsBeforeWhatWasReadIsRefused) {
  follow(*open_journal(copy_), Errc::damaged);
}

TEST_F(FoldFollows, AJournalThatWentOnDifferentlyIsRefused) {
  const auto different = open_journal(copy_);
  for (int round = 4; round < 9; ++round) send(*different, round);
  follow(*different, Errc::damaged);
}

}  // namespace
}  // namespace hhgrid::actors::test
