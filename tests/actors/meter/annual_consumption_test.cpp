#include "actors/meter/annual_consumption.hpp"

#include <gtest/gtest.h>

#include "tests/actors/meter/meter_messages.hpp"

namespace hhgrid::actors::test {
namespace {

storage::AnnualConsumption annual(core::WattHours energy_wh, char quality = 'A') {
  return {meter_mpan(1), always, energy_wh, quality};
}

class AnnualConsumptionTurn : public ::testing::Test {
 protected:
  std::optional<core::WattHours> counting(const AsOf& as_of = {}) const {
    return annual_consumption(meter_.state(), reading_day, as_of);
  }
  LoneMeter meter_{meter_mpan(1)};
};

TEST_F(AnnualConsumptionTurn, TwoOfOneDeliveryThatDifferAreBothRefused) {
  meter_.give(annual(100), {1, 1});
  meter_.give(annual(200), {2, 2});
  const auto& effects = meter_.give(annual(300), {2, 2});
  EXPECT_EQ(effects.answer, Answer::refused);
  EXPECT_EQ(effects.contradicted.size(), 2u);
  EXPECT_EQ(counting(), 100);
  EXPECT_EQ(meter_.give(annual(200), {2, 2}).answer, Answer::unchanged);
  EXPECT_EQ(meter_.give(annual(100), {2, 2}).contradicted.size(), 1u);
  EXPECT_EQ(counting(), 100);
  meter_.give(annual(300), {3, 3});
  EXPECT_EQ(counting(), 300);
}

TEST_F(AnnualConsumptionTurn, ARepeatIsRefusedWithWhatItsDeliverySaysElse) {
  meter_.give(annual(100), {1, 1});
  EXPECT_EQ(meter_.give(annual(100), {2, 2}).answer, Answer::unchanged);
  EXPECT_EQ(meter_.give(annual(300), {2, 2}).contradicted.size(), 2u);
  EXPECT_EQ(counting(), 100);
}

TEST_F(AnnualConsumptionTurn, ARepeatCountsWhenWhatItRepeatsIsContradicted) {
  meter_.give(annual(50), {0, 0});
  meter_.give(annual(100), {1, 1});
  meter_.give(annual(100), {2, 2});
  EXPECT_EQ(meter_.give(annual(300), {1, 1}).contradicted.size(), 2u);
  EXPECT_EQ(counting(), 100);
}

TEST_F(AnnualConsumptionTurn, OneCountsUntilTheEntryThatContradictsIt) {
  meter_.give(annual(200), {1, 1});
  const auto first = meter_.state().annual_consumption.front().position;
  meter_.give(annual(300), {1, 1});
  const AsOf then(first, core::Instant{1'000}, [](storage::Position) { return core::Instant{}; });
  EXPECT_EQ(counting(then), 200);
  EXPECT_EQ(counting(), std::nullopt);
}

TEST_F(AnnualConsumptionTurn, ItsRecordKeepsWhatIsContradicted) {
  meter_.give(annual(200), {1, 1});
  meter_.give(annual(300, '5'), {1, 1});
  const auto read = read_meter_record(meter_record(meter_.state()), "here");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->annual_consumption.size(), 2u);
  for (const auto& version : read->annual_consumption) EXPECT_EQ(version.contradicted_by, 2u);
}

}  // namespace
}  // namespace hhgrid::actors::test
