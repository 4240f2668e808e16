#include <gtest/gtest.h>

#include "actors/gsp/run_results_key.hpp"
#include "actors/host/message_codec.hpp"
#include "actors/host/repeat.hpp"
#include "actors/standing/standing_row.hpp"
#include "actors/verify/check.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"
#include "tests/actors/verify/check_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Family;

class CheckMarket : public CheckStore {
 protected:
  CheckMarket() { partition_ = grid_.market(); }
};

TEST_F(CheckMarket, StandingDataUnderAnotherKeyIsDamage) {
  const auto [key, value] = first(partition_, Family::actor, "sb");
  put(Family::actor, key, bytes_of(bank_holiday_entry(15000)));
  EXPECT_TRUE(finds(Family::actor, "the row is another one's"));
}

TEST_F(CheckMarket, ARepeatOfARowThatIsNotThereIsDamage) {
  const auto [key, value] = first(partition_, Family::actor, "sb");
  const auto row = storage::split_position(key);
  ASSERT_TRUE(row);
  const auto parts = parts_of(stored_standing_row(value));
  const auto repeat = [&](std::string_view of, storage::Position position, RowParts parts) {
    const std::string repeat_key = std::string(repeat_records.tag()) + std::string(of) +
                                   storage::KeyWriter().position(position).str();
    put(Family::actor, repeat_key, repeat_record(parts));
    const auto report = check();
    grid_.remove(partition_, Family::actor, repeat_key);
    return report.sound() ? "" : report.damage.front().cause;
  };
  const storage::Position after{row->position.block(), row->position.index() + 200};
  EXPECT_EQ(repeat(row->before, after, parts), "");
  EXPECT_EQ(repeat(std::string(row->before) + "x", after, parts), "repeats what is not there");
  EXPECT_EQ(repeat(row->before, after, parts + 1), "repeats what is not there");
  EXPECT_NE(repeat(row->before, row->position, parts), "")
      << "the version itself has that position";
  EXPECT_NE(repeat(row->before, {5000, 0}, parts).find("that have been applied"),
            std::string::npos);
}

TEST_F(CheckMarket, ShapeTotalsUnderAnotherKeyAreDamage) {
  const auto [key, value] = first(partition_, Family::ledger);
  put(Family::ledger, key + "x", value);
  EXPECT_TRUE(finds(Family::ledger, "of another group or day"));
}

TEST_F(CheckMarket, ShapeTotalsThatMeterPartitionsDidNotTellAreDamage) {
  auto [key, value] = first(partition_, Family::ledger, "g");
  auto sums = storage::read_record<schema::ShapeSumsRecord>(
      value, "test", [](auto record) { return read_shape_sums(record.getSums()); });
  ASSERT_TRUE(sums);
  sums->sums.energy_wh[7] += 1;
  storage::RecordBuilder<schema::ShapeSumsRecord> record;
  write_shape_sums(*sums, record->initSums());
  put(Family::ledger, key, record.bytes());
  EXPECT_TRUE(finds(Family::ledger, "UTC period 8 has"));
}

TEST_F(CheckMarket, ShapeTotalsAreNotJudgedWhileAMessageIsOnItsWay) {
  grid_.request_run(run_day + 1, cutoff, now);
  grid_.deliver_one();  // the marker; what a partition answers stays in its outbox
  const auto report = check();
  EXPECT_TRUE(report.sound()) << report.damage.front().cause;
}

TEST_F(CheckMarket, ALostRunIsDamage) {
  grid_.remove(partition_, Family::run, run_key::run(run_));
  EXPECT_TRUE(finds(Family::run, "the run has no record"));
  EXPECT_TRUE(finds(Family::run, "there is no run 1"));
}

TEST_F(CheckMarket, ALostIndexOfRunsIsDamage) {
  grid_.remove(partition_, Family::run, run_key::day_run(run_day, run_));
  EXPECT_TRUE(finds(Family::run, "missing among those of its day"));
}

TEST_F(CheckMarket, AnInputOfASettledRunIsDamage) {
  put(Family::run, run_key::input(run_, run_key::sums_input, 0), "left over");
  EXPECT_TRUE(finds(Family::run, "published has no such record"));
}

TEST_F(CheckMarket, AnIndexOfARequestThatLeadsToAnotherRunIsDamage) {
  put(Family::run, run_key::request(4711), storage::KeyWriter().u32(run_).str());
  EXPECT_TRUE(finds(Family::run, "leads to a run that was not asked for so"));
}

TEST_F(CheckMarket, LostExceptionsAreDamage) {
  grid_.remove(partition_, Family::run, run_key::exceptions(run_, 0));
  EXPECT_TRUE(finds(Family::run, "exceptions, 0 are there"));
}

TEST_F(CheckMarket, ConsumptionInTheMarketPartitionIsDamage) {
  put(Family::consumption, "anything", "at all");
  EXPECT_TRUE(finds(Family::consumption, "has no such record"));
}

}  // namespace
}  // namespace hhgrid::actors::test
