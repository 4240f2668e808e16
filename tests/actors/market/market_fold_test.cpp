#include "actors/market/market_fold.hpp"

#include <gtest/gtest.h>

#include "tests/actors/market/market_harness.hpp"

namespace hhgrid::actors::market_test {
namespace {

using core::Indicator;

class MarketFoldTest : public ::testing::Test {
 protected:
  ScratchDirectory dir_;
  Market market_{dir_.path() / "store"};
};

/// The messages of the outbox, decoded.
std::vector<std::pair<storage::PartitionId, Entry>> sent(Market& market) {
  std::vector<std::pair<storage::PartitionId, Entry>> all;
  for (const auto& sent : std::exchange(market.sent, {})) {
    const storage::BlockView view(sent.block);
    for (const auto words : view.entries())
      all.emplace_back(sent.destination, storage::copy_words(words));
  }
  return all;
}

TEST_F(MarketFoldTest, ARequestSendsAMarkerToEveryPartition) {
  market_.take(run_request(winter_day));
  const auto messages = sent(market_);
  ASSERT_EQ(messages.size(), 2u);
  for (storage::PartitionId p = 0; p < 2; ++p) {
    EXPECT_EQ(messages[p].first, p);
    storage::EntryView view(messages[p].second);
    const auto marker = view.entry().value().getRunMarker();
    EXPECT_EQ(marker.getRunNumber(), 1u);
    EXPECT_EQ(marker.getSettlementDay(), winter_day.value);
    EXPECT_EQ(marker.getCutoff(), cutoff.milliseconds);
  }
}

TEST_F(MarketFoldTest, ShapesGoOnlyToThePartitionThatMissesThem) {
  market_.take(run_request(winter_day));
  market_.take(run_sums(sums_of_partition(0)));
  sent(market_);
  market_.take(run_sums(sums_of_partition(1)));
  const auto messages = sent(market_);
  ASSERT_EQ(messages.size(), 2u);
  storage::EntryView first(messages[0].second), second(messages[1].second);
  EXPECT_EQ(first.entry().value().getRunShapes().getShapes().size(), 0u);
  const auto shapes = second.entry().value().getRunShapes().getShapes();
  ASSERT_EQ(shapes.size(), 1u);
  const GroupDayShape shape = read_shape_values(shapes[0]);
  EXPECT_EQ(shape.day, winter_utc_day);
  EXPECT_EQ(shape.group, shape_group_of(domestic_import()));
  EXPECT_EQ(shape.shape.energy_wh[47], 100);  // 2000 / 20
  EXPECT_EQ(shape.shape.flag[0], core::ShapeFlag::actual);
  EXPECT_EQ(shape.shape.count[0], 20);
  EXPECT_EQ(shape.shape.day_total, 4800);
  EXPECT_EQ(shape.shape.day_off_peak, 1400);
  EXPECT_EQ(shape.shape.rolling_annual, 4800 * 365);
}

TEST_F(MarketFoldTest, ARunOverTwoPartitionsGivesTheVolumesComputedByHand) {
  settle_winter_day(market_);
  const auto run = market_.run(1);
  EXPECT_EQ(run.status, RunStatus::PUBLISHED) << run.reason;
  EXPECT_EQ(run.id(), "2013-01-15-II-1");
  const auto components = group_rows<ComponentRow>(market_, 1, for_each_component);
  ASSERT_EQ(components.size(), 2u);
  const auto& consumption = components[0].component;
  EXPECT_EQ(consumption.indicator, Indicator::consumption);
  EXPECT_EQ(consumption.msid_count, 20u);
  EXPECT_EQ(consumption.uncorrected_wh, each_period(1600));
  EXPECT_EQ(consumption.actual_wh, each_period(1500));
  EXPECT_EQ(consumption.defaulted_wh, each_period(100));
  EXPECT_EQ(consumption.corrected_wh, each_period(1760));
  EXPECT_EQ(components[1].component.uncorrected_wh, each_period(160));
  EXPECT_EQ(components[1].component.corrected_wh, each_period(176));
  const auto factors = group_rows<FactorRow>(market_, 1, for_each_factor);
  ASSERT_EQ(factors.size(), 1u);
  EXPECT_EQ(factors[0].gcf_import, each_period(1'100'000'000));
  EXPECT_EQ(factors[0].gcf_export, each_period(900'000'000));
  EXPECT_EQ(factors[0].residual_wh, each_period(0));
  const auto bmus = bmu_volumes(market_, 1);
  ASSERT_EQ(bmus.size(), 1u);
  EXPECT_EQ(bmus[0].volume.bmu, bmu_a);
  EXPECT_EQ(bmus[0].volume.import_wh, each_period(1936));
}

TEST_F(MarketFoldTest, TheRunRecordNamesItsInputs) {
  settle_winter_day(market_);
  const auto run = market_.run(1);
  EXPECT_EQ(run.standing_position, storage::Position(2, 0));  // the request
  EXPECT_EQ(run.request_id, 7u);
  ASSERT_EQ(run.partitions.size(), 2u);
  EXPECT_EQ(run.partitions[0].marker_position, storage::Position(101, 0));
  EXPECT_EQ(run.partitions[1].marker_position, storage::Position(202, 0));
  EXPECT_EQ(run.partitions[1].ledger_digest, 22u);
  ASSERT_EQ(run.groups.size(), 1u);
  EXPECT_EQ(run.groups[0].gsp_group, group_c);
  EXPECT_EQ(run.exception_count, 1u);
  const auto exceptions = read_exceptions(market_.view(), 1).value();
  ASSERT_EQ(exceptions.size(), 1u);
  EXPECT_EQ(exceptions[0].subject, "1012345678903");
}

TEST_F(MarketFoldTest, WhatAPartitionSentIsGoneOnceTheRunIsSettled) {
  settle_winter_day(market_);
  int inputs = 0;
  const auto view = market_.view();
  ASSERT_TRUE(
      view.scan_prefix(storage::Family::run, "i", [&](auto, auto) { return ++inputs > 0; }));
  EXPECT_EQ(inputs, 0);
  EXPECT_EQ(market_.fold().open_run_count(), 0u);
}

TEST_F(MarketFoldTest, DuosVolumesCarryNoLossesAndCountMeters) {
  market_.take(standing_entries());
  market_.take(run_request(winter_day));
  auto sums = sums_of_partition(0);
  auto de_energised = domestic_import();
  de_energised.energised = false;
  sums.terms_sums.push_back(terms_sums(0, 0, de_energised));
  sums.terms_sums.back().meter_count = 3;
  market_.take(run_sums(sums));
  market_.take(run_sums(sums_of_partition(1)));
  for (const storage::PartitionId p : {0, 1}) market_.take(run_defaults(defaults_of_partition(p)));
  const auto duos = group_rows<DuosVolume>(market_, 1, for_each_duos_volume);
  ASSERT_EQ(duos.size(), 1u);
  EXPECT_EQ(duos[0].duos_tariff.view(), "D1");
  EXPECT_EQ(duos[0].uncorrected_wh, each_period(1600));
  EXPECT_EQ(duos[0].actual_wh, each_period(1500));
  EXPECT_EQ(duos[0].energised_count, 20u);
  EXPECT_EQ(duos[0].de_energised_count, 3u);
}

// -- load-shape sums over runs ------------------------------------------------------------------

std::vector<core::WattHours> first_values(Market& market, std::uint32_t run) {
  std::vector<core::WattHours> values;
  for (const auto& shape : rows<GroupDayShape>(market.view(), run, for_each_shape))
    values.push_back(shape.shape.energy_wh[0]);
  return values;
}

void settle_again(Market& market, std::uint32_t run, const std::vector<GroupDaySums>& deltas,
                  const std::vector<GroupDaySums>& run_only) {
  market.take(run_request(winter_day, 100 + run));
  for (const storage::PartitionId p : {0, 1}) {
    auto sums = sums_of_partition(p, run);
    sums.shape_deltas = p == 0 ? deltas : std::vector<GroupDaySums>{};
    sums.run_only_deltas = p == 0 ? run_only : std::vector<GroupDaySums>{};
    market.take(run_sums(sums));
  }
  for (const storage::PartitionId p : {0, 1})
    market.take(run_defaults(defaults_of_partition(p, run)));
}

TEST_F(MarketFoldTest, ShapeDeltasAddUpOverRuns) {
  settle_winter_day(market_);
  settle_again(market_, 2, {group_sums(winter_utc_day, 1000, 0)}, {});
  settle_again(market_, 3, {group_sums(winter_utc_day, -1000, 5)}, {});
  EXPECT_EQ(first_values(market_, 1), std::vector<core::WattHours>{100});  // 2000 / 20
  EXPECT_EQ(first_values(market_, 2), std::vector<core::WattHours>{150});  // 3000 / 20
  EXPECT_EQ(first_values(market_, 3), std::vector<core::WattHours>{80});   // 2000 / 25
}

TEST_F(MarketFoldTest, RunOnlyDeltasCountForTheirRunAlone) {
  settle_winter_day(market_);
  settle_again(market_, 2, {}, {group_sums(winter_utc_day, -400, -4)});
  settle_again(market_, 3, {}, {});
  EXPECT_EQ(first_values(market_, 2), std::vector<core::WattHours>{100});  // 1600 / 16
  const auto shapes = rows<GroupDayShape>(market_.view(), 2, for_each_shape);
  EXPECT_EQ(shapes[0].shape.count[0], 16);
  EXPECT_EQ(rows<GroupDayShape>(market_.view(), 3, for_each_shape)[0].shape.count[0], 20);
}

TEST_F(MarketFoldTest, AGroupBelowTheSampleTakesItsParentsValue) {
  market_.take(standing_entries());
  market_.take(run_request(winter_day));
  auto sums = sums_of_partition(0);
  auto other = shape_group_of(domestic_import());
  other.domestic = false;
  sums.shape_deltas = {group_sums(winter_utc_day, 300, 3),
                       group_sums(winter_utc_day, 2700, 9, other)};
  market_.take(run_sums(sums));
  auto none = sums_of_partition(1);
  none.shape_deltas.clear();
  market_.take(run_sums(none));
  const auto shapes = rows<GroupDayShape>(market_.view(), 1, for_each_shape);
  ASSERT_EQ(shapes.size(), 1u);
  EXPECT_EQ(shapes[0].shape.flag[0], core::ShapeFlag::back_stop);
  EXPECT_EQ(shapes[0].shape.energy_wh[0], 250);  // 3000 / 12 without the domestic split
}

TEST_F(MarketFoldTest, TwoRunsInFlightAreSettledFromTheirOwnSums) {
  market_.take(standing_entries());
  market_.take(run_request(winter_day, 1));
  market_.take(run_request(winter_day, 2));
  for (const storage::PartitionId p : {0, 1})
    for (const std::uint32_t run : {1u, 2u}) {
      auto sums = sums_of_partition(p, run);
      if (run == 2) sums.shape_deltas.clear();
      market_.take(run_sums(sums));
    }
  for (const std::uint32_t run : {2u, 1u})
    for (const storage::PartitionId p : {0, 1})
      market_.take(run_defaults(defaults_of_partition(p, run)));
  EXPECT_EQ(market_.run(1).status, RunStatus::PUBLISHED);
  EXPECT_EQ(market_.run(2).digest, market_.run(1).digest);
}

}  // namespace
}  // namespace hhgrid::actors::market_test
