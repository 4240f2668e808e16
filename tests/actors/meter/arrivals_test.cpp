#include "actors/meter/arrivals.hpp"

#include <capnp/message.h>
#include <gmock/gmock.h>

#include "tests/storage/store/store_files.hpp"

namespace hhgrid::actors::test {
namespace {

using testing::ElementsAre;

constexpr std::uint32_t meter_count = 100;
constexpr Presence::Key monday{core::UtcDay{16'000}, core::MeasurementQuantity::active_import},
    exported{core::UtcDay{16'000}, core::MeasurementQuantity::active_export},
    tuesday{core::UtcDay{16'001}, core::MeasurementQuantity::active_import};

const core::ShapeGroup group = core::ShapeGroup::parse("_C.W.S.T.AI").value();

ShapeSumsByDay shapes_of(core::WattHours energy_wh) {
  ShapeSumsByDay shapes;
  shapes[monday.day][group].energy_wh[3] = energy_wh;
  shapes[monday.day][group].count[3] = 1;
  return shapes;
}

class ArrivalsTest : public testing::Test {
 protected:
  /// Writes what has been noted as a block that was received at an instant.
  void write(core::Instant received_at, storage::BlockNumber block,
             std::uint32_t meters = meter_count, const ShapeSumsByDay& shapes = {}) {
    storage::Commit commit(*store_);
    arrivals_.write(received_at, block, meters, shapes, commit);
    ASSERT_TRUE(store_->commit(commit, block));
  }
  LaterArrivals later_than(core::Instant cutoff) {
    return arrivals_.read_later(*store_, cutoff, {monday.day, tuesday.day}).value();
  }
  static std::vector<std::uint32_t> numbers(const LaterArrivals::Meters& meters) {
    return {meters.numbers.begin(), meters.numbers.end()};
  }

  const tests::FastDirectory directory_;
  const std::unique_ptr<storage::Store> store_ =
      storage::Store::open(storage::test::store_options(directory_.path() / "store")).value();
  Arrivals arrivals_;
};

TEST_F(ArrivalsTest, WhatWasReceivedAfterACutOffIsFoundByDayAndQuantity) {
  arrivals_.version(monday, 7);
  write({100}, 1);
  arrivals_.version(monday, 3);
  arrivals_.version(exported, 3);
  arrivals_.version(tuesday, 9);
  arrivals_.version(tuesday, 4);
  write({200}, 2);
  const auto later = later_than({100});
  EXPECT_EQ(later.days.size(), 3u);
  EXPECT_THAT(numbers(later.days.at(monday)), ElementsAre(3));
  EXPECT_THAT(numbers(later.days.at(exported)), ElementsAre(3));
  EXPECT_THAT(numbers(later.days.at(tuesday)), ElementsAre(4, 9));
  EXPECT_TRUE(later.blocks->contains(2));
  EXPECT_FALSE(later.blocks->contains(1));
  EXPECT_THAT(numbers(later_than({99}).days.at(monday)), ElementsAre(3, 7));
  EXPECT_TRUE(later_than({200}).empty());
}

TEST_F(ArrivalsTest, TheTimeOfReceiptCountsAndNotThePlaceInTheJournal) {
  arrivals_.version(monday, 1);
  write({300}, 1);
  arrivals_.version(monday, 2);
  write({-5}, 2);
  EXPECT_THAT(numbers(later_than({0}).days.at(monday)), ElementsAre(1));
  EXPECT_THAT(numbers(later_than({-6}).days.at(monday)), ElementsAre(1, 2));
}

TEST_F(ArrivalsTest, ABlockThatBringsNothingLeavesNothing) {
  write({100}, 1);
  EXPECT_TRUE(later_than({0}).empty());
}

TEST_F(ArrivalsTest, RegistrationsAreNotedByThemselves) {
  arrivals_.registered(5);
  arrivals_.registered(5);
  arrivals_.registered(2);
  write({100}, 1);
  const auto later = later_than({0});
  EXPECT_TRUE(later.days.empty());
  EXPECT_THAT(numbers(later.registered), ElementsAre(2, 5));
  EXPECT_FALSE(later.registered.many);
}

TEST_F(ArrivalsTest, OfManyMetersOnlyThatIsNoted) {
  const std::uint32_t meters = 320'000, noted = arrivals_noted_max(meters);
  EXPECT_EQ(noted, 10'000u);
  for (std::uint32_t n = 0; n < noted; ++n) arrivals_.version(monday, n);
  for (std::uint32_t n = 0; n <= noted; ++n) arrivals_.version(tuesday, n);
  write({100}, 1, meters);
  const auto later = later_than({0});
  EXPECT_FALSE(later.many_of(monday.day));
  EXPECT_EQ(later.days.at(monday).numbers.cardinality(), noted);
  EXPECT_TRUE(later.many_of(tuesday.day));
}

TEST_F(ArrivalsTest, WhatTheBlockInHandHasBroughtIsAdded) {
  arrivals_.version(monday, 8);
  arrivals_.registered(1);
  auto later = later_than({0});
  arrivals_.add_block({100}, {100}, 7, meter_count, {}, later);
  EXPECT_TRUE(later.empty()) << "received at the cut-off is not after it";
  arrivals_.version(monday, 8);
  arrivals_.add_block({99}, {100}, 7, meter_count, shapes_of(5), later);
  EXPECT_THAT(numbers(later.days.at(monday)), ElementsAre(8));
  EXPECT_THAT(numbers(later.registered), ElementsAre(1));
  EXPECT_EQ(later.shapes, shapes_of(5));
  arrivals_.version(monday, 8);
  write({100}, 7);
  EXPECT_THAT(numbers(later_than({99}).days.at(monday)), ElementsAre(8)) << "and still is written";
  EXPECT_THAT(numbers(later_than({99}).registered), ElementsAre(1));
}

TEST_F(ArrivalsTest, WhatLaterBlocksHaveChangedOfLoadShapesIsAddedUp) {
  for (int block = 1; block <= 4; ++block) {
    arrivals_.version(monday, 1);
    write({100 * block}, static_cast<storage::BlockNumber>(block), meter_count,
          shapes_of(block == 4 ? -20 : block));
  }
  auto expected = shapes_of(2 + 3 - 20);
  expected[monday.day][group].count[3] = 3;
  EXPECT_EQ(later_than({100}).shapes, expected);
  EXPECT_TRUE(later_than({400}).shapes.empty());
  const auto others = arrivals_.read_later(*store_, {0}, {tuesday.day, tuesday.day});
  EXPECT_TRUE(others.value().shapes.empty()) << "of the days asked for";
}

TEST_F(ArrivalsTest, WhatLiesBehindSomethingReceivedLaterCrossesItsDays) {
  arrivals_.version(monday, 1);
  write({100}, 1);
  arrivals_.version(monday, 2);
  write({500}, 2);
  arrivals_.version(tuesday, 3);
  write({300}, 3);
  for (const int cutoff : {300, 499}) {
    const auto later = later_than({cutoff});
    EXPECT_TRUE(later.is_crossed(tuesday.day)) << cutoff;
    EXPECT_FALSE(later.is_crossed(monday.day)) << cutoff;
  }
  for (const int cutoff : {99, 100, 299, 500})
    EXPECT_FALSE(later_than({cutoff}).is_crossed(tuesday.day)) << cutoff;
}

TEST_F(ArrivalsTest, ARegistrationBehindSomethingReceivedLaterCrossesAllDays) {
  arrivals_.version(monday, 2);
  write({500}, 1);
  arrivals_.registered(3);
  write({300}, 2);
  EXPECT_TRUE(later_than({400}).is_crossed(tuesday.day));
  EXPECT_FALSE(later_than({299}).is_crossed(tuesday.day));
}

TEST_F(ArrivalsTest, TheBlockInHandCrossesItsDaysToo) {
  arrivals_.version(monday, 2);
  write({500}, 1);
  arrivals_.version(tuesday, 2);
  auto later = later_than({400});
  EXPECT_FALSE(later.is_crossed(tuesday.day));
  arrivals_.add_block({400}, {300}, 2, meter_count, {}, later);
  EXPECT_TRUE(later.is_crossed(tuesday.day));
  EXPECT_FALSE(later.is_crossed(monday.day));
  arrivals_.registered(1);
  arrivals_.add_block({400}, {300}, 2, meter_count, {}, later);
  EXPECT_TRUE(later.is_crossed(monday.day));
}

TEST_F(ArrivalsTest, TheOrderOfReceiptIsRemembered) {
  for (const int at : {100, 500, 350, 900, 899}) {
    arrivals_.version(monday, 1);
    write({at}, static_cast<storage::BlockNumber>(at));
  }
  EXPECT_EQ(arrivals_.order(), (ArrivalOrder{{900}, 150}));
  capnp::MallocMessageBuilder message;
  const auto meta = message.initRoot<schema::MetaRecord>();
  write_order(arrivals_.order(), meta);
  EXPECT_EQ(read_order(meta.asReader()), arrivals_.order());
}

TEST_F(ArrivalsTest, ADamagedRecordIsAnErrorThatNamesIt) {
  storage::Commit commit(*store_);
  commit.put(storage::Family::arrival, arrivals_key({100}, 1), "rubbish.");
  ASSERT_TRUE(store_->commit(commit, 1));
  const auto later = arrivals_.read_later(*store_, {0}, {monday.day, tuesday.day});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, storage::Errc::damaged);
  EXPECT_THAT(later.error().text, testing::HasSubstr("arrival"));
}

}  // namespace
}  // namespace hhgrid::actors::test
