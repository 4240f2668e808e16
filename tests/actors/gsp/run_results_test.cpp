#include "actors/gsp/run_results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/format.h>

#include "actors/gsp/results_digest.hpp"
#include "actors/gsp/run_results_key.hpp"
#include "actors/gsp/run_results_write.hpp"
#include "actors/query/load_shape_view.hpp"
#include "tests/actors/market/market_harness.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::ElementsAre;

core::SupplierId supplier(std::string_view text) { return core::SupplierId::parse(text).value(); }
core::BmuId bmu(std::string_view text) { return core::BmuId::parse(text).value(); }

core::Component component(std::string_view supplier_id, std::uint16_t ccc_id,
                          core::Indicator indicator = core::Indicator::consumption) {
  core::Component value;
  value.supplier = supplier(supplier_id);
  value.bmu = bmu("2__X");
  value.ccc_id = ccc_id;
  value.indicator = indicator;
  value.weight_hundredths = -100;
  value.msid_count = 3;
  value.uncorrected_wh = each_period(1, 50);
  value.corrected_wh = each_period(-2, 46);
  value.actual_wh[10] = 11;
  value.defaulted_wh[49] = 12;
  return value;
}

core::GroupSettlement settlement(std::string_view group, std::vector<core::Component> components) {
  core::GroupSettlement value;
  value.gsp_group = core::GspGroup::parse(group).value();
  value.period_count = 48;
  value.components = std::move(components);
  value.group_take_wh = each_period(5);
  value.gcf_import = each_period(1'000'000'000);
  return value;
}

class RunResultsTest : public ::testing::Test {
 protected:
  void store(const MarketEffects& effects) {
    storage::Commit commit(market_.group_store());
    for (const auto& write : effects.writes) commit.put(write.family, write.key, *write.value);
    ASSERT_TRUE(market_.group_store().commit(commit, 1));
  }
  ScratchDirectory dir_;
  Market market_{dir_.path() / "store"};
};

TEST_F(RunResultsTest, ComponentsComeBackExactly) {
  MarketEffects effects;
  write_settlement(9, settlement("_C", {component("SUPA", 7)}), effects);
  store(effects);
  const auto found = group_rows<ComponentRow>(market_, 9, for_each_component);
  ASSERT_EQ(found.size(), 1u);
  const auto expected = component("SUPA", 7);
  EXPECT_EQ(found[0].gsp_group, group_c);
  EXPECT_EQ(found[0].component.supplier, expected.supplier);
  EXPECT_EQ(found[0].component.bmu, expected.bmu);
  EXPECT_EQ(found[0].component.ccc_id, 7);
  EXPECT_EQ(found[0].component.weight_hundredths, -100);
  EXPECT_EQ(found[0].component.uncorrected_wh, expected.uncorrected_wh);
  EXPECT_EQ(found[0].component.corrected_wh, expected.corrected_wh);
  EXPECT_EQ(found[0].component.actual_wh, expected.actual_wh);
  EXPECT_EQ(found[0].component.defaulted_wh, expected.defaulted_wh);
}

TEST_F(RunResultsTest, RowsComeInTheOrderOfGroupSupplierAndNumericClass) {
  MarketEffects effects;
  write_settlement(1, settlement("_P", {component("A", 1)}), effects);
  write_settlement(
      1, settlement("_C", {component("B", 300), component("B", 20), component("AAA", 7)}), effects);
  store(effects);
  std::vector<std::string> order;
  for (const auto& row : group_rows<ComponentRow>(market_, 1, for_each_component))
    order.push_back(row.gsp_group.to_string() + row.component.supplier.to_string() +
                    std::to_string(row.component.ccc_id));
  EXPECT_THAT(order, ElementsAre("_CAAA7", "_CB20", "_CB300", "_PA1"));
}

TEST_F(RunResultsTest, ComponentsOfOneClassIdWithUnlikeClassesAreKeptApart) {
  MarketEffects effects;
  write_settlement(
      1, settlement("_C", {component("A", 7), component("A", 7, core::Indicator::losses)}),
      effects);
  store(effects);
  EXPECT_EQ(group_rows<ComponentRow>(market_, 1, for_each_component).size(), 2u);
}

TEST_F(RunResultsTest, ARunsRowsAreNotMixedWithThoseOfOthers) {
  MarketEffects effects;
  write_settlement(1, settlement("_C", {component("A", 1)}), effects);
  write_settlement(256, settlement("_C", {component("A", 2)}), effects);
  store(effects);
  EXPECT_EQ(group_rows<ComponentRow>(market_, 1, for_each_component).size(), 1u);
  EXPECT_EQ(group_rows<FactorRow>(market_, 256, for_each_factor).size(), 1u);
}

TEST_F(RunResultsTest, ARunIsFoundByItsIdAndOnlyByIt) {
  settle_winter_day(market_);
  const auto view = market_.view();
  EXPECT_EQ(find_run(view, "2013-01-15-II-1").value()->number, 1u);
  EXPECT_EQ(find_run(view, "latest").value()->number, 1u);
  for (const char* wrong : {"2013-01-15-SF-1", "2013-01-16-II-1", "2013-01-15-II-2", "II-1", "1",
                            "", "2013-01-15-II-", "2013-01-15-II-x", "2013-01-15-II--1"})
    EXPECT_FALSE(find_run(view, wrong).value()) << wrong;
}

TEST_F(RunResultsTest, LatestIsThePublishedRunWithTheHighestNumber) {
  settle_winter_day(market_);
  market_.take(run_request(winter_day, 8));              // stays open
  market_.take(run_request(core::SettlementDay{1}, 9));  // refused
  EXPECT_EQ(find_run(market_.view(), "latest").value()->number, 1u);
  EXPECT_EQ(list_runs(market_.view()).value().size(), 3u);
}

TEST_F(RunResultsTest, ADamagedRecordIsAnErrorThatNamesIt) {
  storage::Commit commit(market_.group_store());
  commit.put(storage::Family::run, run_key::factor(4, group_c), "12345678");
  ASSERT_TRUE(market_.group_store().commit(commit, 1));
  const auto read = for_each_factor(market_.group_view(), 4, [](const FactorRow&) { return true; });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, storage::Errc::damaged);
  EXPECT_THAT(read.error().text, ::testing::HasSubstr("_C"));
}

// -- digest -------------------------------------------------------------------------------------

std::vector<GroupDayShape> shapes() {
  std::vector<GroupDayShape> all;
  for (const char* text : {"_C.W.S.T.AI", "_C.W.S.F.AI"}) {
    all.push_back({core::ShapeGroup::parse(text).value(), winter_utc_day, {}});
    all.back().shape.flag.fill(core::ShapeFlag::actual);
  }
  return all;
}

TEST(ResultsDigest, TheOrderOfGroupsAndShapesDoesNotCount) {
  std::vector<GroupDigest> groups = {{group_c, 1}, {core::GspGroup::parse("_A").value(), 2}};
  auto some_shapes = shapes();
  const auto digest = results_digest(groups, some_shapes);
  std::reverse(groups.begin(), groups.end());
  std::reverse(some_shapes.begin(), some_shapes.end());
  EXPECT_EQ(results_digest(groups, some_shapes), digest);
}

TEST(ResultsDigest, EveryValueOfAGroupCounts) {
  const auto group = settlement("_C", {component("A", 1)});
  const auto digest = group_digest(group);
  const auto changed = [&](const std::function<void(core::GroupSettlement&)>& change) {
    auto copy = group;
    change(copy);
    return group_digest(copy) != digest;
  };
  EXPECT_TRUE(changed([](auto& g) { g.gcf_export[47] = 1; }));
  EXPECT_TRUE(changed([](auto& g) { g.residual_wh[0] = 1; }));
  EXPECT_TRUE(changed([](auto& g) { g.components[0].corrected_wh[49] = 1; }));
  EXPECT_TRUE(changed([](auto& g) { g.components[0].msid_count = 4; }));
  EXPECT_TRUE(changed([](auto& g) { g.bmus.push_back({supplier("A"), bmu("2__X"), {}, {}}); }));
}

TEST(ResultsDigest, EveryGroupAndShapeCounts) {
  const std::vector<GroupDigest> groups = {{group_c, 1}};
  const auto digest = results_digest(groups, shapes());
  EXPECT_NE(results_digest({{group_c, 2}}, shapes()), digest);
  EXPECT_NE(results_digest({}, shapes()), digest);
  auto other = shapes();
  other[1].shape.rolling_annual = 1;
  EXPECT_NE(results_digest(groups, other), digest);
}

TEST_F(RunResultsTest, TheDigestOfWhatIsStoredIsTheRunsDigest) {
  settle_winter_day(market_);
  core::GroupSettlement group;
  group.gsp_group = group_c;
  group.period_count = 48;
  for (const auto& row : group_rows<ComponentRow>(market_, 1, for_each_component))
    group.components.push_back(row.component);
  for (const auto& row : bmu_volumes(market_, 1)) group.bmus.push_back(row.volume);
  const auto factors = group_rows<FactorRow>(market_, 1, for_each_factor).at(0);
  group.group_take_wh = factors.group_take_wh;
  group.uncorrected_wh = factors.uncorrected_wh;
  group.gcf_import = factors.gcf_import;
  group.gcf_export = factors.gcf_export;
  group.residual_wh = factors.residual_wh;
  EXPECT_EQ(market_.run(1).groups.at(0).digest, group_digest(group));
  EXPECT_EQ(results_digest({{group_c, group_digest(group)}},
                           rows<GroupDayShape>(market_.view(), 1, for_each_shape)),
            market_.run(1).digest);
}

// -- views --------------------------------------------------------------------------------------

/// A second run in which the Group Take is 96 Wh a period more.
void settle_twice(Market& market) {
  settle_winter_day(market);
  market.take(take_entry(winter_day, 2032));
  market.take(run_request(winter_day, 8, core::SettlementCode::sf));
  for (const storage::PartitionId p : {0, 1}) {
    auto sums = sums_of_partition(p, 2);
    sums.shape_deltas.clear();
    market.take(run_sums(sums));
  }
  for (const storage::PartitionId p : {0, 1})
    market.take(run_defaults(defaults_of_partition(p, 2)));
}

TEST_F(RunResultsTest, ExceptionsComeBackSortedAndWithoutRepeatsHoweverManyThereAre) {
  std::vector<core::Exception> exceptions;
  for (int n = 5000; n > 0; --n)
    exceptions.push_back({"no_default", fmt::format("{:013}", n), 0, "neither shape nor AC"});
  exceptions.push_back(exceptions.front());
  MarketEffects effects;
  EXPECT_EQ(write_exceptions(3, exceptions, effects), 5000u);
  EXPECT_GT(effects.writes.size(), 1u);
  for (const auto& write : effects.writes) EXPECT_LE(write.value->size(), 64u << 10);
  store(effects);
  const auto read = read_exceptions(market_.group_view(), 3).value();
  exceptions.pop_back();
  std::sort(exceptions.begin(), exceptions.end());
  EXPECT_EQ(read, exceptions);
}

TEST_F(RunResultsTest, ALoadShapeShowsItsTotalsAndItsVersions) {
  settle_twice(market_);
  const auto group = shape_group_of(domestic_import());
  const auto seen =
      load_shape_view(market_.view(), Market::calendar(), group, winter_utc_day).value();
  ASSERT_TRUE(seen.totals);
  EXPECT_EQ(seen.totals->energy_wh[0], 2000);
  EXPECT_EQ(seen.totals->count[0], 20);
  ASSERT_EQ(seen.versions.size(), 2u);
  EXPECT_EQ(seen.versions[1].run.number, 2u);
  EXPECT_EQ(seen.versions[1].shape.energy_wh[0], 100);
}

}  // namespace
}  // namespace hhgrid::actors::market_test
