#include <atomic>
#include <thread>

#include "tests/actors/query/inspection_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

TEST(InspectMeter, ADamagedVersionIsAnErrorThatNamesItsKey) {
  FoldGrid grid;
  register_meter(grid);
  grid.append(meter, monday, consumption_entry(meter, utc_day_1, 500));
  const auto records = grid.records(grid.owner(meter), storage::Family::consumption);
  ASSERT_EQ(records.size(), 1u);
  grid.tamper(grid.owner(meter), storage::Family::consumption, records.begin()->first, "12345678");
  const auto error = inspect_error(grid, "meter/" + meter.to_string(), utc_day_1.value);
  EXPECT_EQ(error.code, storage::Errc::damaged);
  EXPECT_NE(error.text.find("consumption"), std::string::npos) << error.text;
}

TEST(InspectMeter, APositionThatNoBlockHoldsIsDamage) {
  FoldGrid grid;
  register_meter(grid);
  for (const auto& [key, value] : grid.records(grid.owner(meter), storage::Family::block))
    grid.remove(grid.owner(meter), storage::Family::block, key);
  EXPECT_EQ(inspect_error(grid, "meter/" + meter.to_string()).code, storage::Errc::damaged);
}

TEST(InspectMeter, ReadsWholeCommitsWhileThePartitionWrites) {
  FoldGrid grid;
  register_meter(grid);
  grid.append(meter, monday, consumption_entry(meter, utc_day_1, 1));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 2; i <= 300; ++i) {
      std::vector<Entry> block;  // both quantities always hold the same value
      block.push_back(consumption_entry(meter, utc_day_1, i));
      block.push_back(consumption_entry(meter, utc_day_1, i, core::all_periods_mask,
                                        core::MeasurementQuantity::active_export));
      grid.append(grid.owner(meter), tuesday, block);
    }
    done = true;
  });
  int looks = 0;
  for (; !done || looks == 0; ++looks) {
    const Json quantities = inspect(grid, meter, day_1_text).at("quantities");
    if (quantities.size() < 2) continue;
    EXPECT_EQ(quantities[0].at("counting").at(0).at("kwh"),
              quantities[1].at("counting").at(0).at("kwh"));
  }
  writer.join();
  const Json last = inspect(grid, meter, day_1_text).at("quantities");
  EXPECT_EQ(last.at(1).at("counting").at(47).at("kwh"), "0.300");
}

}  // namespace
}  // namespace hhgrid::actors::test
