#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actors/grid/participants.hpp"
#include "tests/grid/open_grid.hpp"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::tests {
namespace {

using actors::WaitingMessage;
using testing::IsEmpty;
using testing::SizeIs;

constexpr core::Instant now{1'769'500'000'000};
constexpr core::WattHours far_too_much = 1'000'000'000;
constexpr std::int32_t refused_days = 6;
const auto participant = core::ParticipantId::parse("ABCD").value();

/// The names of messages; two takes of the same give equal texts.
std::vector<std::string> names(const std::vector<WaitingMessage>& messages) {
  std::vector<std::string> names;
  for (const auto& message : messages)
    names.push_back(std::to_string(message.partition) + ":" + to_string(message.id.position) + ":" +
                    std::to_string(message.id.n));
  return names;
}

/// Half hours of every meter that nothing can take, day by day in blocks of their own.
std::vector<Batch> refused_readings(const World& world) {
  std::vector<Batch> all;
  const storage::Topology topology(3);
  for (std::int32_t d = 0; d < refused_days; ++d)
    for (std::uint32_t i = 0; i < world.population().options().meters; ++i) {
      const auto traits = world.population().traits(i);
      storage::ConsumptionDay day(traits.mpan);
      day.day = {world.day().value + d};
      day.quantity = traits.quantity();
      day.present = 0b11;
      day.energy_wh.fill(far_too_much);
      storage::BlockBuilder block({1'768'100'000'000 + d}, "refused.csv");
      block.set_participant(participant);
      block.add(*item_of(day).words);
      all.push_back({topology.of(traits.mpan), block.finish({storage::make_sender_id(), 1}, true)});
    }
  return all;
}

/// A grid of three partitions that tells them the limits and refuses readings of all of its meters.
class GridParticipants : public testing::Test {
 protected:
  void refuse_readings(OpenGrid& grid) const {
    grid.feed(limits());
    grid.feed(batches(world_.in_time(), {}));
    grid.feed(refused_readings(world_));
  }
  std::vector<Batch> limits() const {
    std::vector<Batch> all;
    for (storage::PartitionId p = 0; p < 3; ++p) {
      storage::EntryScratch scratch;
      storage::BlockBuilder block(now, "limits");
      block.add(storage::encode_consumption_limits({}, scratch));
      all.push_back({p, block.finish({storage::make_sender_id(), 1}, true)});
    }
    return all;
  }
  actors::GridOptions options() const { return small_grid(directory_.path() / "grid"); }
  std::size_t told() const { return world_.population().options().meters * refused_days; }
  static std::vector<WaitingMessage> take(OpenGrid& grid, std::size_t limit = 10'000) {
    return actors::take(*grid, participant, limit).value();
  }

  const World world_{{.meters = 30}};
  const storage::test::FastDirectory directory_;
};

TEST_F(GridParticipants, WhatWaitsForThemHoldsUpNeitherDrainNorRunsNorClosing) {
  {
    OpenGrid grid(options());
    refuse_readings(grid);  // drains
    EXPECT_THAT(take(grid), SizeIs(told()));
    const auto run = grid.settle(world_.day());
    EXPECT_EQ(grid.audit(run.number), "");
    EXPECT_TRUE(grid->close_day({world_.day().value}, now));
    for (const auto& status : grid->status()) EXPECT_EQ(status.outbox, 0u) << status.name;
    EXPECT_TRUE(grid->close());
  }
  OpenGrid again(options());
  EXPECT_THAT(take(again), SizeIs(told()));
  EXPECT_EQ(again.check(), "");
}

TEST_F(GridParticipants, AreListedWithCountAndOldest) {
  OpenGrid grid(options());
  EXPECT_THAT(actors::participants(*grid).value(), IsEmpty());
  refuse_readings(grid);
  const auto all = actors::participants(*grid).value();
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].participant, participant);
  EXPECT_EQ(all[0].count, (actors::ParticipantCount{told(), 0, {}}));
  EXPECT_EQ(all[0].oldest, core::Instant{1'768'100'000'000});
}

TEST_F(GridParticipants, TakeAFewAtATimeUntilNothingIsLeft) {
  OpenGrid grid(options());
  refuse_readings(grid);
  const auto all = names(take(grid));
  EXPECT_THAT(take(grid, 0), IsEmpty());
  std::vector<std::string> taken;
  while (true) {
    const auto some = take(grid, 7);
    EXPECT_EQ(names(take(grid, 7)), names(some)) << "they stay until they are acknowledged";
    if (some.empty()) break;
    ASSERT_LE(some.size(), 7u);
    for (auto& name : names(some)) taken.push_back(std::move(name));
    ASSERT_TRUE(actors::acknowledge(*grid, participant, some, now));
    ASSERT_TRUE(actors::acknowledge(*grid, participant, some, now)) << "twice is harmless";
    ASSERT_TRUE(grid->drain());
  }
  EXPECT_EQ(taken, all);
  const auto listed = actors::participants(*grid).value();
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_EQ(listed[0].count.waiting, 0u);
  EXPECT_FALSE(listed[0].oldest);
  EXPECT_EQ(grid.check(), "");
}

TEST_F(GridParticipants, WhatWasTakenAndNotAcknowledgedComesAgainAfterACrash) {
  // The process dies after it has acknowledged some of what it took, its stores not flushed.
  const pid_t taker = fork();
  if (taker == 0) {
    OpenGrid grid(options());
    refuse_readings(grid);
    const auto some = take(grid, 50);
    static_cast<void>(take(grid));
    _exit(actors::acknowledge(*grid, participant, some, now) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(taker, &status, 0), taker);
  ASSERT_EQ(status, 0);
  OpenGrid grid(options());
  ASSERT_TRUE(grid->drain());
  EXPECT_THAT(take(grid), SizeIs(told() - 50));
  EXPECT_EQ(grid.check(), "");
}

TEST_F(GridParticipants, AreToldWhatAReplayedDeadLetterRefuses) {
  auto failing = options();
  failing.before_turn = [](core::Mpan) { throw std::runtime_error("made to fail"); };
  {
    OpenGrid grid(failing);
    grid.feed(limits());
    grid.feed(refused_readings(world_));
    EXPECT_THAT(take(grid), IsEmpty());
  }
  OpenGrid grid(options());
  grid.feed(batches(world_.in_time(), {}));
  const auto letters = grid->dead_letters().value();
  ASSERT_THAT(letters, SizeIs(told()));
  EXPECT_THAT(grid->replay(letters, now).value(), IsEmpty());
  EXPECT_THAT(take(grid), SizeIs(told()));
  EXPECT_EQ(grid.check(), "");
}

}  // namespace
}  // namespace hhgrid::tests
