#include <algorithm>
#include <atomic>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "actors/meter/versions.hpp"
#include "core/partitioning.hpp"
#include "tests/grid/open_grid.hpp"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::tests {
namespace {

using nlohmann::json;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr core::Instant now{1'769'500'000'000};
constexpr auto run_patience = std::chrono::seconds(20);

/// One bad meter harms one meter.
class Supervision : public testing::Test {
 protected:
  Supervision() {
    // The victim delivers on every day, so that it would be missed.
    for (std::uint32_t i = 0; i < world_.population().options().meters; ++i) {
      const auto traits = world_.population().traits(i);
      if (items_of(traits.mpan).size() >= 4 && traits.energised) victim_index_ = i;
    }
    victim_ = world_.population().traits(victim_index_).mpan;
  }

  std::vector<World::Item> items_of(core::Mpan mpan) const {
    std::vector<World::Item> items;
    std::copy_if(world_.in_time().begin(), world_.in_time().end(), std::back_inserter(items),
                 [&](const auto& item) { return item.mpan == mpan; });
    return items;
  }
  std::vector<World::Item> items_without(core::Mpan mpan) const {
    auto items = world_.in_time();
    std::erase_if(items, [&](const auto& item) { return item.mpan == mpan; });
    return items;
  }
  actors::GridOptions options(const std::string& name) const {
    return small_grid(directory_.path() / name);
  }
  actors::GridOptions failing(const std::string& name) const {
    auto failing = options(name);
    failing.before_turn = [victim = victim_](core::Mpan mpan) {
      if (mpan == victim) throw std::runtime_error("made to fail");
    };
    return failing;
  }
  std::string address() const { return "meter/" + victim_.to_string(); }
  json failures(OpenGrid& grid) const {
    const auto text = grid->inspect(address(), std::nullopt);
    if (!text) throw std::runtime_error(text.error().text);
    return json::parse(*text).at("failures");
  }
  std::filesystem::path victims_store(const std::string& name) const {
    return directory_.path() / name /
           fmt::format("partitions/{:05}", core::meter_partition(victim_, 3));
  }

  const World world_{{.meters = 50}};
  const storage::test::FastDirectory directory_;
  std::uint32_t victim_index_ = 0;
  core::Mpan victim_ = core::Mpan::from_body(100'000'000'000);
};

TEST_F(Supervision, EveryTurnThatFailsIsADeadLetterWithReasonAndAddress) {
  OpenGrid grid(failing("grid"));
  grid.feed(batches(world_.in_time(), {}));
  const auto letters = grid->dead_letters().value();
  EXPECT_THAT(letters, SizeIs(items_of(victim_).size()));
  EXPECT_THAT(letters, Each(Field(&actors::DeadLetter::address, address())));
  EXPECT_THAT(letters, Each(Field(&actors::DeadLetter::reason, HasSubstr("made to fail"))));
  EXPECT_THAT(letters,
              Each(Field(&actors::DeadLetter::partition, core::meter_partition(victim_, 3))));
  EXPECT_THAT(letters, Each(Field(&actors::DeadLetter::received_at, BatchOptions().received_at)));
  std::uint64_t counted = 0;
  for (const auto& status : grid->status()) {
    counted += status.dead_letters;
    EXPECT_EQ(status.trouble, "");
  }
  EXPECT_EQ(counted, letters.size());
  EXPECT_EQ(grid.check(), "");
}

TEST_F(Supervision, EveryOtherMeterSettlesAsIfTheFailingOneWereNotThere) {
  OpenGrid grid(failing("grid")), without(options("without"));
  grid.feed(batches(world_.in_time(), {}));
  without.feed(batches(items_without(victim_), {}));
  const auto run = grid.settle(world_.day()), expected = without.settle(world_.day());
  EXPECT_EQ(run.digest, expected.digest);
  EXPECT_TRUE(grid.results(run.number) == without.results(expected.number));
  EXPECT_EQ(grid.audit(run.number), "");
}

TEST_F(Supervision, AMeterThatFailedIsMarked) {
  OpenGrid grid(failing("grid"));
  grid.feed(batches(world_.in_time(), {}));
  EXPECT_EQ(failures(grid)["count"], items_of(victim_).size());
  EXPECT_THAT(failures(grid)["dead_letters"]["items"].dump(), HasSubstr("made to fail"));
}

TEST_F(Supervision, ReplayWhileTheCauseIsThereLeavesTheLetters) {
  OpenGrid grid(failing("grid"));
  grid.feed(batches(world_.in_time(), {}));
  const auto letters = grid->dead_letters().value();
  const auto still = grid->replay(letters, now);
  ASSERT_TRUE(still) << still.error().text;
  EXPECT_THAT(*still, SizeIs(letters.size()));
  EXPECT_THAT(grid->dead_letters().value(), SizeIs(letters.size()));
}

TEST_F(Supervision, ReplayWithoutTheCauseLeavesNoTraceOfTheFailure) {
  {
    OpenGrid grid(failing("grid"));
    grid.feed(batches(world_.in_time(), {}));
  }
  OpenGrid grid(options("grid")), whole(options("whole"));
  EXPECT_EQ(failures(grid)["count"], items_of(victim_).size())
      << "the mark is kept when the grid is closed";
  const auto still = grid->replay(grid->dead_letters().value(), now);
  ASSERT_TRUE(still) << still.error().text;
  EXPECT_THAT(*still, IsEmpty());
  EXPECT_THAT(grid->dead_letters().value(), IsEmpty());
  EXPECT_EQ(failures(grid)["count"], 0);
  whole.feed(batches(world_.in_time(), {}));
  EXPECT_TRUE(counting_values(grid, world_) == counting_values(whole, world_));
  const auto run = grid.settle(world_.day()), expected = whole.settle(world_.day());
  EXPECT_EQ(run.digest, expected.digest);
  EXPECT_TRUE(grid.results(run.number) == whole.results(expected.number));
  EXPECT_EQ(grid.audit(run.number), "");
  EXPECT_EQ(grid.check(), "");
}

TEST_F(Supervision, ATurnThatFailsOnceInABlockTakesNothingOfItsNeighbours) {
  std::atomic<int> turns{0};
  auto once = options("grid");
  once.before_turn = [&](core::Mpan) {
    if (++turns % 10 == 0) throw std::runtime_error("every tenth fails");
  };
  OpenGrid grid(once), whole(options("whole"));
  grid.feed(batches(world_.in_time(), {.entries_max = 500}));
  EXPECT_THAT(grid->dead_letters().value(), SizeIs(static_cast<std::size_t>(turns / 10)));
  EXPECT_EQ(grid.check(), "");
  for (int i = 0; i < 20 && !grid->dead_letters().value().empty(); ++i)
    ASSERT_TRUE(grid->replay(grid->dead_letters().value(), core::Instant{now.milliseconds + i}));
  ASSERT_THAT(grid->dead_letters().value(), IsEmpty());
  whole.feed(batches(world_.in_time(), {}));
  EXPECT_EQ(grid.settle(world_.day()).digest, whole.settle(world_.day()).digest);
  EXPECT_EQ(grid.check(), "");
}

TEST_F(Supervision, ALetterThatIsNotThereIsAnErrorOfItsReplayOnly) {
  OpenGrid grid(options("grid"));
  grid.feed(batches(world_.in_time(), {}));
  actors::DeadLetter invented;
  invented.position = {3, 0};
  ASSERT_TRUE(grid->replay({invented}, now));
  EXPECT_EQ(grid.check(), "");
  grid.settle(world_.day());
}

TEST_F(Supervision, APartitionThatEndedIsInTheStatusWithItsTroubleAndNoRunWaitsForIt) {
  auto ending = options("grid");
  ending.before_turn = [victim = victim_](core::Mpan mpan) {
    if (mpan == victim) throw 7;  // nothing that a turn may throw
  };
  OpenGrid grid(ending);
  for (const auto& [partition, block] : batches(world_.in_time(), {}))
    static_cast<void>(grid->append(partition, block));
  EXPECT_FALSE(grid->drain());
  const auto all = grid->status();
  ASSERT_GE(all.size(), 4u);
  const auto ended = core::meter_partition(victim_, 3);
  for (const auto& status : all) EXPECT_EQ(status.trouble.empty(), status.id != ended) << status.id;
  const auto run = grid->run(world_.day(), core::SettlementCode::ii, now, now, run_patience);
  ASSERT_FALSE(run);
  EXPECT_NE(run.error().code, storage::Errc::closed) << run.error().text;
  EXPECT_FALSE(grid->close());
}

TEST_F(Supervision, AStoreThatIsDamagedUnderItsGridStopsThePartitionAndEveryoneIsTold) {
  auto small = options("grid");
  small.memtable_bytes = 64 << 10;
  OpenGrid grid(small);
  grid.feed(batches(world_.in_time(), {}));
  ASSERT_TRUE(grid->checkpoint());
  ASSERT_GE(storage::test::damage_tables(victims_store("grid")), 1);
  // Merging its files, RocksDB meets the damage; then it takes no write.
  tl::expected<void, storage::Error> stored;
  for (std::uint32_t i = 0; i < 40 && stored; ++i) {
    for (const auto& [partition, block] : batches(items_of(victim_), {}))
      if (auto appended = grid->append(partition, block); !appended)
        stored = tl::unexpected(appended.error());
    if (stored) stored = grid->drain();
    if (stored) stored = grid->checkpoint();
  }
  ASSERT_FALSE(stored) << "the damage was never met";
  EXPECT_EQ(stored.error().code, storage::Errc::damaged_table) << stored.error().text;
  EXPECT_THAT(stored.error().text, HasSubstr(victims_store("grid").string()));
  for (const auto& [partition, block] : batches(items_of(victim_), {}))
    static_cast<void>(grid->append(partition, block));
  const auto run = grid->run(world_.day(), core::SettlementCode::ii, now, now, run_patience);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, storage::Errc::damaged_table) << run.error().text;
  const auto closed = grid->close();
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, storage::Errc::damaged_table);
}

TEST_F(Supervision, ADamagedVersionStopsThePartitionOfTheTurnThatNeedsIt) {
  const auto day = world_.population().options().first_day + 1;
  const auto correction = [&](std::uint32_t meter, core::UtcDay on) {
    auto version = world_.population().consumption(meter, on);
    for (auto& energy : version.energy_wh) energy += 11;
    return item_of(version);
  };
  {
    OpenGrid grid(options("grid"));
    grid.feed(batches(world_.in_time(), {}));
  }
  {
    auto store = storage::Store::open(storage::test::store_options(victims_store("grid"))).value();
    std::string damaged;
    const auto prefix =
        actors::version_prefix(day, victim_, world_.population().traits(victim_index_).quantity());
    ASSERT_TRUE(
        store->scan_prefix(storage::Family::consumption, prefix, [&](std::string_view key, auto) {
          damaged = key;
          return true;
        }));
    ASSERT_FALSE(damaged.empty());
    storage::Commit commit(*store);
    commit.put(storage::Family::consumption, damaged, "garbage!garbage!");
    ASSERT_TRUE(store->commit(commit, 1));
    ASSERT_TRUE(store->flush(true));
  }
  OpenGrid grid(options("grid"));
  const std::uint32_t other = victim_index_ == 0 ? 1 : 0;
  for (const auto& [partition, block] :
       batches({correction(other, day), correction(victim_index_, day + 1),
                correction(victim_index_, day)},
               {}))
    ASSERT_TRUE(grid->append(partition, block));
  const auto drained = grid->drain();
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().code, storage::Errc::damaged);
  EXPECT_THAT(drained.error().text, HasSubstr(victims_store("grid").string()));
  EXPECT_THAT(grid->dead_letters().value(), testing::IsEmpty()) << "the entry is not to blame";
  const auto answer = grid->inspect("meter/" + victim_.to_string(), day.value);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, storage::Errc::damaged) << answer.error().text;
  const auto stopped = core::meter_partition(victim_, 3);
  for (const auto& partition : grid->status())
    EXPECT_EQ(partition.trouble.empty(), partition.id != stopped) << partition.id;
}

}  // namespace
}  // namespace hhgrid::tests
