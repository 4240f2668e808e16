#include "actors/market/day_closing.hpp"

#include <gmock/gmock.h>

#include "actors/meter/day_shapes.hpp"
#include "actors/verify/check.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Meters of two groups on two partitions; a sample of 3 is enough.
class DayClosingTest : public testing::Test {
 protected:
  static inline const core::UtcDay day = utc_day("2013-01-15");
  static constexpr core::Instant early{1'358'000'000'000}, late{1'358'600'000'000};
  static constexpr std::uint64_t meters = 12;

  DayClosingTest() {
    grid_.append_standing(early, standing_entries(run_day - 5, run_day));
    for (std::uint64_t n = 0; n < meters; ++n)
      grid_.append(
          meter_mpan(n), early,
          registration_entry(meter_mpan(n), run_day - 30, core::open_ended, terms_variant(n % 2)));
  }

  void read_all(core::UtcDay of, core::WattHours energy_wh, std::uint64_t from = 0) {
    for (std::uint64_t n = from; n < meters; ++n)
      grid_.append(meter_mpan(n), early, consumption_entry(meter_mpan(n), of, energy_wh));
  }
  void order_close(core::UtcDay closed) {
    storage::EntryScratch scratch;
    grid_.append(grid_.market(), late,
                 storage::copy_words(scratch.build([&](schema::Entry::Builder entry) {
                   auto message = entry.initDayClosed();
                   message.setUtcDay(closed.value);
                   message.setMinimumSample(3);
                 })));
  }
  DayClosing close(core::UtcDay closed) {
    order_close(closed);
    grid_.deliver();
    return closing(closed);
  }
  DayClosing closing(core::UtcDay closed) {
    return closing_of(grid_.store(grid_.market()), closed).value().value();
  }
  PublishedDay published(core::UtcDay of) {
    return published_of(grid_.store(grid_.market()), of).value();
  }
  /// Issues that the meter partitions know of a day: they all know the same.
  std::vector<std::uint32_t> known_issues(core::UtcDay of) {
    std::vector<std::uint32_t> issues[2];
    for (storage::PartitionId p = 0; p < 2; ++p) {
      const auto read = known_shapes.each(grid_.store(p), known_shapes.key().day(of.value),
                                          [&](storage::KeyReader& key, auto record) {
                                            key.rest();
                                            const auto shape = read_known_shape(record.getShape());
                                            issues[p].push_back(shape.issue);
                                          });
      EXPECT_TRUE(read);
    }
    EXPECT_EQ(issues[0], issues[1]);
    return issues[0];
  }
  void expect_sound() {
    const auto report = check_stores(grid_.stores(), FoldGrid::calendar(), 1);
    EXPECT_TRUE(report.sound()) << report.damage.front().key << ": " << report.damage.front().cause;
  }

  FoldGrid grid_{2};
};

TEST_F(DayClosingTest, TheShapesOfTheDayArePublishedAndAllMeterPartitionsKnowThem) {
  read_all(day, 500);
  const auto closed = close(day);
  EXPECT_TRUE(closed.complete);
  EXPECT_EQ(closed.published, 2u);
  EXPECT_EQ(closed.reissued, 0u);
  const auto shapes = published(day);
  ASSERT_EQ(shapes.size(), 2u);
  for (const auto& [group, shape] : shapes) {
    EXPECT_EQ(shape.issue, 1u);
    EXPECT_EQ(shape.shape.shape.energy_wh[20], 500);
    EXPECT_EQ(shape.shape.shape.flag[20], core::ShapeFlag::actual);
    EXPECT_EQ(shape.shape.shape.count[20], static_cast<int>(meters / 2));
  }
  EXPECT_THAT(known_issues(day), ElementsAre(1, 1));
  expect_sound();
}

TEST_F(DayClosingTest, ADayThatIsClosedStaysAsItIs) {
  read_all(day, 500);
  const auto first = close(day);
  read_all(day, 700, 4);
  const auto second = close(day);
  EXPECT_EQ(second.closing, first.closing);
  EXPECT_THAT(known_issues(day), ElementsAre(1, 1));
  EXPECT_EQ(grid_.fold(grid_.market()).dead_letter_count(), 0u);
}

TEST_F(DayClosingTest, LateActualsAreInTheNextClosingAsANewIssue) {
  read_all(day, 500);
  close(day);
  read_all(day, 700);
  read_all(day + 1, 500);
  const auto closed = close(day + 1);
  EXPECT_EQ(closed.published, 4u);
  EXPECT_EQ(closed.reissued, 2u);
  EXPECT_THAT(known_issues(day), ElementsAre(2, 2));
  EXPECT_THAT(known_issues(day + 1), ElementsAre(1, 1));
  for (const auto& [group, shape] : published(day)) {
    EXPECT_EQ(shape.shape.shape.energy_wh[20], 700);
    EXPECT_EQ(shape.closed, day + 1);
  }
  expect_sound();
}

TEST_F(DayClosingTest, OtherCountsWithTheSameValuesAreNoNewIssue) {
  read_all(day, 500, 4);
  close(day);
  read_all(day, 500);
  read_all(day + 1, 500);
  const auto closed = close(day + 1);
  EXPECT_EQ(closed.reissued, 0u);
  EXPECT_THAT(known_issues(day), ElementsAre(1, 1));
}

TEST_F(DayClosingTest, ALaterDayThatLookedBackOnTheLateOneIsIssuedAgain) {
  read_all(day, 500);
  close(day);
  close(day + 1);  // nothing of its own: from the like day before
  EXPECT_EQ(published(day + 1).begin()->second.shape.shape.flag[20],
            core::ShapeFlag::standard_default);
  read_all(day, 700);
  close(day + 2);
  EXPECT_EQ(published(day + 1).begin()->second.shape.shape.energy_wh[20], 700);
  EXPECT_THAT(known_issues(day + 1), ElementsAre(2, 2));
  expect_sound();
}

TEST_F(DayClosingTest, AClosingOutlivesARestartBetweenTheAnswers) {
  read_all(day, 500);
  order_close(day);
  for (int delivered = 0; delivered < 3; ++delivered) grid_.deliver_one();
  grid_.reopen();
  EXPECT_FALSE(closing(day).complete);
  grid_.deliver();
  EXPECT_TRUE(closing(day).complete);
  EXPECT_THAT(known_issues(day), ElementsAre(1, 1));
  expect_sound();
}

TEST_F(DayClosingTest, ARunBesideItUsesTheShapesOfItsOwnMarker) {
  read_all(day, 500, 4);
  const auto before = grid_.request_run(run_day, cutoff, late);
  order_close(day);
  grid_.deliver();
  EXPECT_TRUE(closing(day).complete);
  EXPECT_EQ(grid_.run_info(before).status, RunStatus::PUBLISHED) << grid_.run_info(before).reason;
  const auto after = grid_.request_run(run_day, cutoff, late);
  grid_.deliver();
  EXPECT_EQ(grid_.run_info(after).digest, grid_.run_info(before).digest);
  expect_sound();
}

TEST_F(DayClosingTest, ShapesThatNoEstimateCanNeedAreForgotten) {
  read_all(day, 500);
  close(day);
  close(day + shapes_kept_days + 1);
  EXPECT_THAT(known_issues(day), IsEmpty());
  EXPECT_EQ(published(day).size(), 2u) << "the market keeps every issue";
  expect_sound();
}

TEST_F(DayClosingTest, ADayOutsideTheCalendarIsADeadLetter) {
  order_close({2'000'000});
  EXPECT_EQ(grid_.fold(grid_.market()).dead_letter_count(), 1u);
}

}  // namespace
}  // namespace hhgrid::actors::test
