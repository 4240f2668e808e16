#include "net/node/timekeeper.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/decimal.hpp"
#include "net/simulator/session_output.hpp"
#include "net/simulator/simulate.hpp"
#include "storage/wire/entry_codec.hpp"
#include "tests/net/rpc/rpc_node.hpp"

namespace hhgrid::net {
namespace {

constexpr core::UtcDay last_day{20'458};  // 2026-01-05, the last of the readings

/// A grid with readings of five days, and clocks that the test sets.
class TimekeeperTest : public testing::Test {
 protected:
  TimekeeperTest() {
    auto feed = node_.service().feed({}).value();
    SimulationOptions options;
    options.population.meters = 200;
    options.population.days = 5;
    const auto output = session_output(feed->sink());
    EXPECT_TRUE(simulate(options, *output));
    EXPECT_TRUE(feed->finish());
    EXPECT_TRUE(node_.grid().drain());
  }

  void put_run_date(core::SettlementDay day, core::SettlementCode code, core::Instant cutoff) {
    auto feed = node_.service().feed({}).value();
    storage::EntryScratch scratch;
    ASSERT_TRUE(feed->sink().add_market(
        storage::encode_run_date({day, code, {cutoff, day.value}}, scratch)));
    ASSERT_TRUE(feed->finish());
    ASSERT_TRUE(node_.grid().drain());
  }

  /// At that hour of a UTC day.
  void set_time(core::UtcDay day, int hour) {
    const std::int64_t time = day.value * core::ms_per_utc_day + hour * std::int64_t{3'600'000};
    steady_ms_ += time - wall_.milliseconds;
    wall_ = {time};
  }

  Timekeeper make() {
    return Timekeeper(options_, node_.grid(), node_.service(),
                      {[this] { return wall_; }, [this] { return steady_ms_; }});
  }

  std::optional<core::UtcDay> last_closed() {
    return timetable_facts(node_.grid(), options_, wall_).value().last_closed;
  }
  std::size_t run_count() { return node_.service().runs().value().size(); }

  RpcNode node_;
  TimetableOptions options_;
  core::Instant wall_{last_day.value * core::ms_per_utc_day};
  std::int64_t steady_ms_ = 1000;
};

TEST_F(TimekeeperTest, ClosesDaysAndStartsRunsOnceEach) {
  set_time(last_day + 1, 9);
  put_run_date({last_day.value - 1}, core::SettlementCode::dr,
               {(last_day + 1).value * core::ms_per_utc_day + 11 * std::int64_t{3'600'000}});
  auto timekeeper = make();
  timekeeper.work();
  EXPECT_EQ(last_closed(), last_day - 1) << "the day that fell due last";
  set_time(last_day + 1, 12);
  timekeeper.work();
  EXPECT_EQ(last_closed(), last_day);
  const auto runs = node_.service().runs_of_day({last_day.value - 1}).value();
  EXPECT_EQ(std::count_if(runs.begin(), runs.end(),
                          [](const auto& run) { return run.code == core::SettlementCode::dr; }),
            1);
  const auto all = run_count();
  timekeeper.work();
  make().work();  // as after a restart
  EXPECT_EQ(run_count(), all);
}

TEST_F(TimekeeperTest, CatchesUpAfterAnOutage) {
  set_time(last_day - 2, 12);
  make().work();
  EXPECT_EQ(last_closed(), last_day - 3);
  set_time(last_day + 2, 12);
  make().work();
  EXPECT_EQ(last_closed(), last_day + 1);
  EXPECT_TRUE(node_.service().close_day(last_day + 1).value().was_closed);
}

TEST_F(TimekeeperTest, DoesNothingWhenTheClockWasSet) {
  set_time(last_day + 1, 12);
  auto timekeeper = make();
  timekeeper.work();
  const auto closed = last_closed();
  wall_.milliseconds += 5 * core::ms_per_utc_day;  // and the steady clock stands
  timekeeper.work();
  EXPECT_EQ(last_closed(), closed);
  wall_.milliseconds -= 5 * core::ms_per_utc_day;
  set_time(last_day + 2, 12);
  timekeeper.work();
  EXPECT_EQ(last_closed(), last_day + 1) << "set right again";
}

TEST_F(TimekeeperTest, DoesNothingWhenTheClockIsAYearAhead) {
  set_time(last_day + 1, 12);
  make().work();
  const auto closed = last_closed();
  const auto runs = run_count();
  set_time(last_day + 366, 12);
  make().work();
  EXPECT_EQ(last_closed(), closed);
  EXPECT_EQ(run_count(), runs);
}

}  // namespace
}  // namespace hhgrid::net
