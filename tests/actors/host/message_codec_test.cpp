#include "actors/host/message_codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/decimal.hpp"
#include "core/packing.hpp"

namespace hhgrid::actors {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// The text of the TurnFailure that `act` throws; empty when it throws none.
std::string failure_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const TurnFailure& e) {
    return e.what();
  }
  return {};
}

/// A message of any schema type.
template <class T>
struct Message {
  capnp::MallocMessageBuilder message;
  typename T::Builder root = message.initRoot<T>();
  typename T::Reader read() { return root.asReader(); }
};

core::ShapeGroup group(std::string_view text) { return core::ShapeGroup::parse(text).value(); }
core::UtcDay day() { return core::parse_utc_day("2013-03-31").value(); }

GroupDaySums sums() {
  GroupDaySums value{group("_C.W.S.T.AI"), day(), {}};
  value.sums.energy_wh[0] = -5;
  value.sums.energy_wh[40] = message_energy_max;
  value.sums.count[3] = -2;
  return value;
}

GroupDayShape shape() {
  GroupDayShape value{group("_P.U.U.F.AE"), day(), {}};
  value.shape.flag.fill(core::ShapeFlag::no_data);
  value.shape.flag[7] = core::ShapeFlag::back_stop;
  value.shape.energy_wh[7] = 123;
  value.shape.count[7] = 9;
  value.shape.day_total = 1;
  value.shape.day_peak = 2;
  value.shape.day_off_peak = 3;
  value.shape.rolling_7_day = 4;
  value.shape.rolling_7_day_peak = 5;
  value.shape.rolling_7_day_off_peak = 6;
  value.shape.rolling_annual = 7;
  return value;
}

TEST(MessageCodec, AGroupComesBackWithAndWithoutItsSplits) {
  for (const char* text : {"_C.W.S.T.AI", "_A.E.A.F.RE", "_P.L.S.*.AE", "*.U.U.*.AI"}) {
    Message<schema::GroupKey> message;
    write_group(group(text), message.root);
    EXPECT_EQ(read_group(message.read()), group(text));
  }
}

TEST(MessageCodec, AGroupWithAnUnknownNumberNamesFieldAndValue) {
  Message<schema::GroupKey> message;
  write_group(group("_C.W.S.T.AI"), message.root);
  message.root.setConnection(5);
  EXPECT_THAT(failure_of([&] { read_group(message.read()); }),
              AllOf(HasSubstr("group.connection"), HasSubstr("5")));
  message.root.setConnection(0);
  message.root.setDomestic(2);
  EXPECT_THAT(failure_of([&] { read_group(message.read()); }), HasSubstr("group.domestic"));
  message.root.setDomestic(1);
  message.root.setGspGroup("_I");
  EXPECT_THAT(failure_of([&] { read_group(message.read()); }),
              AllOf(HasSubstr("group.gspGroup"), HasSubstr("_I")));
}

TEST(MessageCodec, ShapeSumsComeBackExactly) {
  Message<schema::ShapeSums> message;
  write_shape_sums(sums(), message.root);
  const auto back = read_shape_sums(message.read());
  EXPECT_EQ(back.group, sums().group);
  EXPECT_EQ(back.day, sums().day);
  EXPECT_EQ(back.sums.energy_wh, sums().sums.energy_wh);
  EXPECT_EQ(back.sums.count, sums().sums.count);
}

TEST(MessageCodec, SumsAreSentPackedAndZerosNotAtAll) {
  Message<schema::ShapeSums> message, nothing;
  auto common = sums();
  common.sums.energy_wh.fill(12'345);
  write_shape_sums(common, message.root);
  EXPECT_LT(message.read().getEnergyWh().size(), 48 * sizeof(std::int64_t));
  EXPECT_EQ(message.read().getWideEnergyWh().size(), 0u);
  auto zeros = sums();
  zeros.sums = {};
  write_shape_sums(zeros, nothing.root);
  EXPECT_EQ(nothing.read().getEnergyWh().size(), 0u);
  EXPECT_EQ(nothing.read().getCount().size(), 0u);
}

TEST(MessageCodec, SumsOfAnySizeAndSignComeBack) {
  for (const core::WattHours large : {core::packed_value_max / 2, core::packed_value_max,
                                      message_energy_max, -message_energy_max}) {
    Message<schema::ShapeSums> message;
    auto given = sums();
    given.sums.energy_wh[0] = large;
    given.sums.energy_wh[1] = -1;
    given.sums.count[0] = std::numeric_limits<std::int32_t>::max();
    given.sums.count[1] = -given.sums.count[0];
    write_shape_sums(given, message.root);
    const auto back = read_shape_sums(message.read());
    EXPECT_EQ(back.sums.energy_wh, given.sums.energy_wh) << large;
    EXPECT_EQ(back.sums.count, given.sums.count) << large;
  }
}

TEST(MessageCodec, SumsThatAreNoPackingAreRefused) {
  Message<schema::ShapeSums> message;
  message.root.initEnergyWh(3);
  write_group(sums().group, message.root.initGroup());
  message.root.setUtcDay(sums().day.value);
  EXPECT_THAT(failure_of([&] { read_shape_sums(message.read()); }), HasSubstr("energyWh"));
}

TEST(MessageCodec, AListLongerThanTheDayIsRefused) {
  Message<schema::ShapeSums> message;
  write_shape_sums(sums(), message.root);
  message.root.initWideEnergyWh(49);
  EXPECT_THAT(failure_of([&] { read_shape_sums(message.read()); }),
              AllOf(HasSubstr("wideEnergyWh"), HasSubstr("49")));
}

TEST(MessageCodec, EnergyThatCouldOverflowIsRefused) {
  Message<schema::ShapeSums> message;
  write_shape_sums(sums(), message.root);
  message.root.initWideEnergyWh(1).set(0, -message_energy_max - 1);
  EXPECT_THAT(failure_of([&] { read_shape_sums(message.read()); }), HasSubstr("out of range"));
}

TEST(MessageCodec, ADayOutsideTheCalendarIsRefused) {
  Message<schema::ShapeSums> message;
  write_shape_sums(sums(), message.root);
  message.root.setUtcDay(1'000'000);
  EXPECT_THAT(failure_of([&] { read_shape_sums(message.read()); }),
              AllOf(HasSubstr("utcDay"), HasSubstr("1000000")));
}

TEST(MessageCodec, AShapeComesBackExactly) {
  Message<schema::ShapeValues> message;
  write_shape_values(shape(), message.root);
  const auto back = read_shape_values(message.read()).shape;
  const auto expected = shape().shape;
  EXPECT_EQ(back.energy_wh, expected.energy_wh);
  EXPECT_EQ(back.flag, expected.flag);
  EXPECT_EQ(back.count, expected.count);
  EXPECT_EQ(back.day_total, 1);
  EXPECT_EQ(back.day_peak, 2);
  EXPECT_EQ(back.day_off_peak, 3);
  EXPECT_EQ(back.rolling_7_day, 4);
  EXPECT_EQ(back.rolling_7_day_peak, 5);
  EXPECT_EQ(back.rolling_7_day_off_peak, 6);
  EXPECT_EQ(back.rolling_annual, 7);
}

TEST(MessageCodec, AShapeWithAnUnknownFlagOrTooFewIsRefused) {
  Message<schema::ShapeValues> message;
  write_shape_values(shape(), message.root);
  message.root.getFlags()[3] = 'X';
  EXPECT_THAT(failure_of([&] { read_shape_values(message.read()); }), HasSubstr("flags"));
  message.root.initFlags(47);
  EXPECT_THAT(failure_of([&] { read_shape_values(message.read()); }), HasSubstr("47"));
}

TEST(MessageCodec, AnExceptionComesBackExactly) {
  const core::Exception exception{"llf_default", "20/001", 50, "No line loss factor."};
  Message<schema::RunException> message;
  write_exception(exception, message.root);
  EXPECT_EQ(read_exception(message.read()), exception);
  message.root.setSettlementPeriod(51);
  EXPECT_THAT(failure_of([&] { read_exception(message.read()); }),
              AllOf(HasSubstr("settlementPeriod"), HasSubstr("51")));
}

TEST(MessageCodec, AnEndlessExceptionTextIsRefused) {
  Message<schema::RunException> message;
  message.root.setText(std::string((64 << 10) + 1, 'x'));
  EXPECT_THAT(failure_of([&] { read_exception(message.read()); }), HasSubstr("exception.text"));
}

TEST(MessageCodec, DamagedTermsAreATurnFailure) {
  Message<schema::Terms> message;
  message.root.setSupplier("SUPA");
  message.root.setGspGroup("_Z");
  EXPECT_FALSE(failure_of([&] { read_terms(message.read()); }).empty());
}

TEST(MessageCodec, PeriodEnergyIsFilledUpWithZeros) {
  Message<schema::DefaultSums> message;
  auto list = message.root.initEnergyWh(2);
  list.set(0, 7);
  list.set(1, -7);
  core::PeriodEnergy expected{};
  expected[0] = 7;
  expected[1] = -7;
  EXPECT_EQ(read_period_energy("energyWh", message.read().getEnergyWh()), expected);
}

TEST(MessageCodec, StoredEnergyMayBeOfAnySize) {
  Message<schema::DefaultSums> message;
  message.root.initEnergyWh(1).set(0, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read_stored_energy("gcfImport", message.read().getEnergyWh())[0],
            std::numeric_limits<std::int64_t>::min());
}

}  // namespace
}  // namespace hhgrid::actors
