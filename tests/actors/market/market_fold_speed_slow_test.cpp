#include <gtest/gtest.h>

#include <chrono>
#include <iostream>

#include "tests/actors/market/market_harness.hpp"

namespace hhgrid::actors::market_test {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

constexpr storage::PartitionId partitions = 16;
constexpr int suppliers = 10, llfcs = 25;  // with two domestic flags: 500 sets of terms
constexpr int history_days = 400;

std::vector<core::Terms> all_terms() {
  std::vector<core::Terms> terms;
  for (int s = 0; s < suppliers; ++s)
    for (int l = 0; l < llfcs; ++l)
      for (const bool domestic : {true, false}) {
        core::Terms one = domestic_import();
        one.supplier = core::SupplierId::parse("SUP" + std::to_string(s)).value();
        one.gsp_group =
            core::GspGroup::parse(std::string("_") + core::gsp_group_letters[s]).value();
        one.llfc = core::LlfcId::parse(std::to_string(100 + l)).value();
        one.domestic = domestic;
        terms.push_back(one);
      }
  return terms;
}

std::vector<Entry> standing_of(const std::vector<core::Terms>& terms) {
  auto entries = standing_entries();
  entries.pop_back();  // its Group Take: each group has one below
  storage::EntryScratch scratch;
  for (const auto& one : terms) {
    core::Bmu bmu{core::BmuId::parse("2__" + one.supplier.to_string()).value(),
                  one.supplier,
                  one.gsp_group,
                  true,
                  {settlement_day("2010-01-01")}};
    entries.push_back(storage::copy_words(storage::encode_bmu(bmu, scratch)));
    storage::GroupTake take{one.gsp_group, winter_day, {}};
    for (std::size_t i = 0; i < 48; ++i) take.take.present[i] = true;
    take.take.energy_wh.fill(4'100'000);
    entries.push_back(storage::copy_words(storage::encode_group_take(take, scratch)));
  }
  return entries;
}

PartitionSums sums_of(storage::PartitionId partition, std::uint32_t run,
                      const std::vector<core::Terms>& terms, int days) {
  PartitionSums sums;
  sums.run = run;
  sums.input = {partition, storage::Position(1, 0), 1};
  std::set<core::ShapeGroup> groups;
  for (const auto& one : terms) {
    sums.terms_sums.push_back(terms_sums(5000, 10, one));
    groups.insert(shape_group_of(one));
  }
  for (int back = 0; back < days; ++back)
    for (const auto& group : groups)
      sums.shape_deltas.push_back(group_sums(winter_utc_day - back, 5000 + back, 10, group));
  for (const auto& group : groups) sums.missing.emplace(winter_utc_day, group);
  return sums;
}

/// Both steps of a run over 16 partitions; the milliseconds that the fold took.
double settle(Market& market, std::uint32_t run, const std::vector<core::Terms>& terms, int days) {
  market.take(run_request(winter_day, run));
  std::vector<Entry> messages;
  for (storage::PartitionId p = 0; p < partitions; ++p)
    messages.push_back(run_sums(sums_of(p, run, terms, days)));
  for (storage::PartitionId p = 0; p < partitions; ++p) {
    PartitionDefaults defaults{run, p, {}, {}};
    for (const auto& one : terms)
      defaults.sums.push_back({one, core::MeasurementQuantity::active_import, each_period(100)});
    messages.push_back(run_defaults(defaults));
  }
  const auto start = Clock::now();
  for (const Entry& message : messages) market.take(message);
  return milliseconds_since(start);
}

TEST(MarketSpeed, ARunOverSixteenPartitionsTakesAFractionOfASecond) {
  ScratchDirectory dir;
  Market market(dir.path() / "store", partitions);
  const auto terms = all_terms();
  market.take(standing_of(terms));
  const double first = settle(market, 1, terms, history_days);
  const double second = settle(market, 2, terms, 1);
  market.open();
  const double after_restart = settle(market, 3, terms, 1);
  std::cout << "run with " << history_days << " days of new shape sums " << first
            << " ms, next run " << second << " ms, first after a restart " << after_restart
            << " ms\n";
  EXPECT_EQ(market.run(2).status, RunStatus::PUBLISHED) << market.run(2).reason;
  EXPECT_LT(second, 1000);  // about 100 ms on an idle core
}

TEST(MarketSpeed, AYearsLineLossesLoadInSeconds) {
  constexpr int days = 400, classes = 150;
  ScratchDirectory dir;
  Market market(dir.path() / "store");
  std::vector<Entry> entries;
  storage::EntryScratch scratch;
  for (int d = 0; d < days; ++d)
    for (int c = 0; c < classes; ++c) {
      storage::LineLosses row{
          20, core::LlfcId::parse(std::to_string(100 + c)).value(), winter_day - d, {}};
      row.thousandths.fill(static_cast<std::uint16_t>(1000 + c));
      row.thousandths[48] = row.thousandths[49] = 0;
      entries.push_back(storage::copy_words(storage::encode_line_losses(row, scratch)));
    }
  auto start = Clock::now();
  market.take(entries);
  const double taken = milliseconds_since(start);
  start = Clock::now();
  market.open();
  const double opened = milliseconds_since(start);
  start = Clock::now();
  ASSERT_TRUE(load_standing(market.view(), storage::Position::greatest()));
  const double rebuilt = milliseconds_since(start);
  std::cout << entries.size() << " line loss days: taken in " << taken << " ms, opened in "
            << opened << " ms, rebuilt as of a position in " << rebuilt << " ms\n";
  EXPECT_EQ(market.fold().standing_row_count(), entries.size());
  EXPECT_LT(taken, 10'000);
}

}  // namespace
}  // namespace hhgrid::actors::market_test
