#include <gtest/gtest.h>

#include "tests/grid/open_grid.hpp"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::tests {
namespace {

constexpr core::Instant before{1'768'000'000'000};
constexpr core::Instant after{1'768'100'000'000};

/// A run whose cut-off lies before the newest data is made from stored versions, an earlier run
/// from running sums: both must give the same bits.
class Cutoff : public testing::Test {
 protected:
  Cutoff() {
    grid_.emplace(options_);
    grid_->feed(batches(world_.in_time(), {.received_at = before}));
  }

  void feed_later(const std::vector<World::Item>& items) {
    ASSERT_FALSE(items.empty());
    grid_->feed(batches(items, {.received_at = after}));
  }
  /// Settles again with what was known before and compares with the run that was made then.
  void expect_the_same(const actors::RunInfo& earlier) {
    const auto now = grid_->settle(world_.day(), before);
    EXPECT_NE(now.number, earlier.number);
    EXPECT_EQ(now.digest, earlier.digest);
    EXPECT_EQ(now.exception_count, earlier.exception_count);
    EXPECT_TRUE(grid_->results(now.number) == grid_->results(earlier.number));
    ASSERT_EQ(now.partitions.size(), earlier.partitions.size());
    for (std::size_t p = 0; p < now.partitions.size(); ++p)
      EXPECT_EQ(now.partitions[p].ledger_digest, earlier.partitions[p].ledger_digest) << p;
    EXPECT_EQ(grid_->audit(now.number), "");
    EXPECT_EQ(grid_->audit(earlier.number), "");
  }
  std::vector<World::Item> corrections(std::int32_t day_offset) const {
    std::vector<World::Item> items;
    for (std::uint32_t i = 0; i < 20; ++i) {
      auto day =
          world_.population().consumption(i, world_.population().options().first_day + day_offset);
      for (auto& energy : day.energy_wh) energy += 77;
      items.push_back(item_of(day));
    }
    return items;
  }

  const World world_{{}};
  const storage::test::FastDirectory directory_;
  const actors::GridOptions options_ = small_grid(directory_.path() / "grid");
  std::optional<OpenGrid> grid_;
};

TEST_F(Cutoff, LateDataOfTheDayChangeNothingBeforeTheirTime) {
  const auto earlier = grid_->settle(world_.day(), before);
  feed_later(world_.late());
  expect_the_same(earlier);
  EXPECT_NE(grid_->settle(world_.day(), after).digest, earlier.digest);
}

TEST_F(Cutoff, CorrectionsOfTheDayChangeNothingBeforeTheirTime) {
  const auto earlier = grid_->settle(world_.day(), before);
  feed_later(corrections(1));
  expect_the_same(earlier);
  EXPECT_NE(grid_->settle(world_.day(), after).digest, earlier.digest);
}

TEST_F(Cutoff, LateDataOfOtherDaysChangeNoShapeBeforeTheirTime) {
  const auto earlier = grid_->settle(world_.day(), before);
  feed_later(corrections(0));
  expect_the_same(earlier);
  EXPECT_NE(grid_->settle(world_.day(), after).digest, earlier.digest)
      << "or the test shows nothing";
}

TEST_F(Cutoff, ALateChangeOfSupplierChangesNothingBeforeItsTime) {
  const auto earlier = grid_->settle(world_.day(), before);
  auto registration = world_.population().registrations(0).front();
  registration.terms.supplier = net::Population::supplier(
      registration.terms.supplier == net::Population::supplier(3) ? 4 : 3);
  registration.terms.bmu = {};
  feed_later({item_of(registration)});
  expect_the_same(earlier);
  EXPECT_NE(grid_->settle(world_.day(), after).digest, earlier.digest);
}

/// It withdraws half the meter's values of the day.
TEST_F(Cutoff, ALateRegisterChangesNothingBeforeItsTime) {
  const auto earlier = grid_->settle(world_.day(), before);
  const storage::MeterRegister fitted{
      .mpan = world_.population().traits(0).mpan,
      .meter_id = core::MeterSerialId::parse("M1").value(),
      .register_id = {},
      .quantity = core::quantity_of(world_.population().registrations(0).front().terms.direction),
      .installed_at = {world_.day().value * core::ms_per_utc_day + core::ms_per_utc_day / 2},
      .maximum_wh = 1};
  feed_later({item_of(fitted)});
  expect_the_same(earlier);
  EXPECT_NE(grid_->settle(world_.day(), after).digest, earlier.digest);
  EXPECT_EQ(grid_->check(), "");
}

/// A day of estimates of a meter that a registration says is de-energised (ECS1008), which lies
/// before them in the journal and was received after them.
TEST_F(Cutoff, ARegistrationThatWasLoadedFirstAndReceivedLaterRefusesNothingBeforeItsTime) {
  auto estimates = world_.population().consumption(0, world_.population().options().first_day + 1);
  estimates.quality = core::Quality::e1;
  estimates.present = core::all_periods_mask;
  estimates.energy_wh.fill(900);
  const std::vector<World::Item> readings{item_of(estimates)};
  auto registration = world_.population().registrations(0).front();
  registration.terms.energised = false;

  OpenGrid other(small_grid(directory_.path() / "other"));
  other.feed(batches(world_.in_time(), {.received_at = before}));
  other.feed(batches(readings, {.received_at = before}));
  const auto known = other.settle(world_.day(), before);
  feed_later({item_of(registration)});
  grid_->feed(batches(readings, {.received_at = before}));
  const auto run = grid_->settle(world_.day(), before);
  EXPECT_EQ(run.digest, known.digest);
  EXPECT_TRUE(grid_->results(run.number) == other.results(known.number));
  EXPECT_EQ(grid_->audit(run.number), "");
  const auto later = grid_->settle(world_.day(), after);
  EXPECT_NE(later.digest, known.digest);
  EXPECT_EQ(grid_->audit(later.number), "");
}

TEST_F(Cutoff, TheSameHoldsAfterTheGridWasClosedAndOpened) {
  const auto earlier = grid_->settle(world_.day(), before);
  feed_later(world_.late());
  grid_.reset();
  grid_.emplace(options_);
  expect_the_same(earlier);
}

TEST_F(Cutoff, ARunOfWhatWasKnownEqualsThatOfAGridThatKnowsNoMore) {
  feed_later(world_.late());
  const auto run = grid_->settle(world_.day(), before);
  OpenGrid other(small_grid(directory_.path() / "other"));
  other.feed(batches(world_.in_time(), {.received_at = before}));
  const auto known = other.settle(world_.day(), before);
  EXPECT_EQ(run.digest, known.digest);
  EXPECT_TRUE(grid_->results(run.number) == other.results(known.number));
}

}  // namespace
}  // namespace hhgrid::tests
