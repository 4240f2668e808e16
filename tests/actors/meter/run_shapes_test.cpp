#include "actors/meter/run_shapes.hpp"

#include <memory>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/host/message_codec.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using core::MeasurementQuantity;
using testing::IsEmpty;

/// A meter partition's part in a run without a partition or a store: one domestic import, of which
/// the run's marker has found the first two half hours of a winter day missing.
class RunShapesTest : public testing::Test {
 protected:
  static constexpr std::uint32_t run = 4;
  static constexpr std::uint64_t first_two = 3;
  static inline const core::SettlementDay day = settlement_day("2013-01-15");
  static inline const core::UtcDay utc = utc_day("2013-01-15");

  RunShapesTest() {
    findings_.day = day;
    findings_.missing = {
        {meter_mpan(1), terms_.intern(terms_variant(0)), quantity, {{utc, first_two, {}}}}};
  }

  /// The answer to load shapes of `energy_wh` in every half hour; without any when there is none.
  schema::RunDefaults::Reader give(std::optional<core::WattHours> energy_wh) {
    capnp::MallocMessageBuilder message;
    auto shapes = message.initRoot<schema::RunShapes>();
    shapes.setRunNumber(run);
    if (energy_wh) {
      GroupDayShape shape{shape_group(terms_.at(0), quantity), utc, {}};
      shape.shape.energy_wh.fill(*energy_wh);
      shape.shape.flag.fill(core::ShapeFlag::actual);
      shape.shape.rolling_annual = *energy_wh * 48 * 365;
      write_shape_values(shape, shapes.initShapes(1)[0]);
    }
    records_ = {};
    answer_ = std::make_unique<capnp::MallocMessageBuilder>();
    auto answer = answer_->initRoot<schema::RunDefaults>();
    turn(shapes.asReader(), {2, FoldGrid::calendar(), terms_, findings_}, records_, answer);
    return answer.asReader();
  }
  /// Of a settlement period, from 1; the answer leaves zeros at the end out.
  static core::WattHours period(schema::RunDefaults::Reader answer, unsigned number) {
    EXPECT_EQ(answer.getSums().size(), 1u);
    const auto energy = answer.getSums()[0].getEnergyWh();
    return number <= energy.size() ? energy[number - 1] : 0;
  }

  static constexpr auto quantity = MeasurementQuantity::active_import;
  TermsTable terms_;
  RunFindings findings_;
  RunRecords records_;
  std::unique_ptr<capnp::MallocMessageBuilder> answer_;
};

TEST_F(RunShapesTest, FillTheMissingHalfHoursAndAnswerWithTheirSums) {
  const auto answer = give(250);
  EXPECT_EQ(answer.getRunNumber(), run);
  EXPECT_EQ(answer.getPartition(), 2u);
  EXPECT_EQ(period(answer, 1), 250);
  EXPECT_EQ(period(answer, 2), 250);
  EXPECT_EQ(period(answer, 3), 0);
  EXPECT_EQ(answer.getSums()[0].getDefaultedPeriods(), 2u);
  EXPECT_EQ(answer.getExceptions().size(), 0u);
}

TEST_F(RunShapesTest, AreScaledToTheAnnualConsumptionOfTheMeter) {
  findings_.missing[0].days[0].annual_consumption = core::WattHours{250} * 48 * 365 * 3;
  EXPECT_EQ(period(give(250), 1), 750);
}

TEST_F(RunShapesTest, InSummerTheDayBeginsWithTheLastTwoHalfHoursOfTheUtcDayBefore) {
  constexpr std::uint64_t last_two = std::uint64_t{3} << 46;
  findings_.day = settlement_day("2013-07-15");
  findings_.missing[0].days = {{utc_day("2013-07-14"), last_two, core::WattHours{17'520'000}}};
  const auto answer = give({});
  EXPECT_EQ(period(answer, 1), 1'000) << "without a shape the annual consumption is flat";
  EXPECT_EQ(period(answer, 2), 1'000);
  EXPECT_EQ(period(answer, 3), 0);
}

TEST_F(RunShapesTest, SumsAreOfAllMetersWithTheSameTerms) {
  findings_.missing.push_back(findings_.missing[0]);
  findings_.missing[1].mpan = meter_mpan(2);
  const auto answer = give(250);
  EXPECT_EQ(period(answer, 1), 500);
  EXPECT_EQ(answer.getSums()[0].getDefaultedPeriods(), 4u);
}

TEST_F(RunShapesTest, WhatWasDefaultedIsKeptForEveryMeter) {
  give(250);
  ASSERT_EQ(records_.puts.size(), 1u);
  const auto& [key, bytes] = records_.puts[0];
  EXPECT_EQ(key, defaults_key(run, meter_mpan(1), quantity));
  const auto whole = storage::read_record<schema::MeterDefaults>(
      bytes, "the test", [](schema::MeterDefaults::Reader record) {
        const auto defaulted = record.getDays()[0];
        EXPECT_EQ(defaulted.getUtcDay(), utc.value);
        EXPECT_EQ(defaulted.getPresent(), first_two);
        EXPECT_EQ(defaulted.getEnergyWh()[1], 250);
        return true;
      });
  EXPECT_TRUE(whole);
}

TEST_F(RunShapesTest, WithoutAShapeAndAnAnnualConsumptionTheMeterSettlesAsZeroAndIsAnException) {
  const auto answer = give({});
  EXPECT_EQ(period(answer, 1), 0);
  ASSERT_EQ(answer.getExceptions().size(), 1u);
  EXPECT_EQ(read_exception(answer.getExceptions()[0]).subject, meter_mpan(1).to_string());
}

TEST_F(RunShapesTest, NothingMissingIsAnEmptyAnswer) {
  findings_.missing.clear();
  const auto answer = give(250);
  EXPECT_EQ(answer.getSums().size(), 0u);
  EXPECT_THAT(records_.puts, IsEmpty());
}

}  // namespace
}  // namespace hhgrid::actors::test
