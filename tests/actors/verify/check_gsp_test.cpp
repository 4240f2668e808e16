#include <gtest/gtest.h>

#include <functional>

#include "actors/gsp/bmu.hpp"
#include "actors/gsp/run_results_key.hpp"
#include "actors/gsp/run_results_write.hpp"
#include "actors/standing/standing_refusals.hpp"
#include "actors/verify/check.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"
#include "tests/actors/verify/check_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Family;

class CheckGsp : public CheckStore {
 protected:
  CheckGsp() { partition_ = grid_.gsp_group("_A"); }

  core::GroupSettlement first_component(const std::function<void(core::Component&)>& change) {
    core::GroupSettlement settlement;
    const storage::Store::View view(grid_.store(partition_));
    EXPECT_TRUE(for_each_component(view, run_, [&](const ComponentRow& row) {
      settlement.gsp_group = row.gsp_group;
      settlement.components = {row.component};
      return false;
    }));
    change(settlement.components[0]);
    return settlement;
  }
  /// Stores a component of the run with a change.
  void change_component(const std::function<void(core::Component&)>& change) {
    MarketEffects effects;
    write_settlement(run_, first_component(change), effects);
    put(Family::run, effects.writes.front().key, *effects.writes.front().value);
  }

  std::string first_unit() {
    return first(partition_, Family::actor, bmu_key::of_day(run_day)).first;
  }
};

TEST_F(CheckGsp, ASoundGroupHasNoDamage) {
  const auto report = check();
  EXPECT_TRUE(report.sound()) << report.damage.front().cause;
}

TEST_F(CheckGsp, AChangedComponentIsDamage) {
  change_component([](core::Component& component) { component.corrected_wh[0] += 1; });
  EXPECT_TRUE(finds(Family::run, "do not have its digest"));
  EXPECT_TRUE(finds(Family::actor, "is not the sum of the BM unit's corrected components"));
  EXPECT_TRUE(finds(Family::run, "residual are not those"));
}

TEST_F(CheckGsp, AComponentUnderAnotherKeyIsDamage) {
  const auto [key, value] =
      first(partition_, Family::run, run_key::prefix(run_key::component_tag, run_));
  storage::RecordBuilder<schema::ComponentRecord> record;
  record->setQuantity(1);
  put(Family::run, key, record.bytes());
  EXPECT_TRUE(finds(Family::run, "stands under another key"));
}

TEST_F(CheckGsp, ALostBmuVolumeIsDamage) {
  grid_.remove(partition_, Family::actor,
               first(partition_, Family::actor, bmu_key::of_day(run_day)).first);
  EXPECT_TRUE(finds(Family::actor, "has components, but no volume"));
}

TEST_F(CheckGsp, AGroupTakeOfAnotherGroupIsDamage) {
  const auto [key, value] = first(partition_, Family::actor, "st");
  put(Family::actor, key, bytes_of(group_take_entry("_C", run_day, 5)));
  EXPECT_TRUE(finds(Family::actor, "the row is another one's"));
}

TEST_F(CheckGsp, ARefusalOfWhatATakeHasNotIsDamage) {
  const auto take = first(partition_, Family::actor, "st").first;
  const auto row = take.substr(0, take.size() - sizeof(storage::Position));
  const auto position = storage::KeyReader(take.substr(row.size())).position();
  const auto refuse = [&](const std::vector<StandingRefusal>& refused) {
    put(Family::actor, standing_refusal_key(row, position), standing_refusal_record(refused));
  };
  refuse({{position, position, 1}});
  EXPECT_TRUE(check().sound());
  refuse({{position, position, RowParts{1} << 49}});
  EXPECT_TRUE(finds(Family::actor, "has no such parts"));
  refuse({{position, position, 1}, {position, {}, 1}});
  EXPECT_TRUE(finds(Family::actor, "is no version of the row"));
  refuse({});
  EXPECT_TRUE(finds(Family::actor, "does not refuse the entry itself"));
}

TEST_F(CheckGsp, AChangeThatIsNotAgainstTheRunBeforeIsDamage) {
  const auto [key, value] = first(partition_, Family::actor, bmu_key::of_day(run_day));
  auto run = read_bmu_record(key, value, "test").value();
  run.change_from_run = 77;
  put(Family::actor, key, bmu_record(run));
  EXPECT_TRUE(finds(Family::actor, "its changes are not those against run 0"));
}

TEST_F(CheckGsp, ALostOrderIsDamage) {
  grid_.remove(partition_, Family::run, run_key::order(run_));
  EXPECT_TRUE(finds(Family::run, "the group has not settled run 1"));
  EXPECT_TRUE(finds(Family::run, "the results of run 2013-01-15-SF-1 are missing"));
}

TEST_F(CheckGsp, ResultsOfARunThatThereIsNotAreDamage) {
  const auto [key, value] = first(partition_, Family::run, run_key::order(run_));
  put(Family::run, run_key::order(9), value);
  EXPECT_TRUE(finds(Family::run, "is the order of another run or group"));
  EXPECT_TRUE(finds(Family::run, "there is no run 9"));
}

TEST_F(CheckGsp, ConsumptionInAGspGroupsPartitionIsDamage) {
  put(Family::consumption, "anything", "at all");
  EXPECT_TRUE(finds(Family::consumption, "has no such record"));
}

}  // namespace
}  // namespace hhgrid::actors::test
