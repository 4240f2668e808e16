#include "actors/meter/meter_register.hpp"

#include <gtest/gtest.h>

#include "actors/meter/refusal_message.hpp"
#include "tests/actors/meter/meter_messages.hpp"

namespace hhgrid::actors::test {
namespace {

using core::ConnectionType;
using core::MeterRole;
using core::RefusalCode;

constexpr std::uint64_t morning = (std::uint64_t{1} << 20) - 1,  // until 10:00Z
    rest = all_periods_mask & ~morning;

core::Instant at(int hours, int minutes = 0) {
  return {reading_day.value * core::ms_per_utc_day + (hours * 60 + minutes) * 60'000};
}

class MeterRegisterTurn : public testing::Test {
 protected:
  MeterRegisterTurn() {
    meter_.set_maximum({});
    meter_.give(registration(meter_.add_terms(terms_of(ConnectionType::whole_current))));
  }
  std::uint64_t above_maximum() const {
    std::uint64_t above = 0;
    for (const auto& [version, refused] : meter_.refusals())
      above |= refused.of(RefusalCode::above_maximum);
    return above;
  }
  /// A delivery of its own.
  template <class Message>
  const MeterEffects& send(const Message& message) {
    return meter_.give(message, {9, ++deliveries_});
  }
  LoneMeter meter_{meter_mpan(1)};

 private:
  std::uint64_t deliveries_ = 0;
};

TEST_F(MeterRegisterTurn, AReadingAboveTheMetersOwnMaximumIsRefused) {
  send(meter_register(400));
  EXPECT_EQ(send(reading(401)).answer, Answer::refused);
  EXPECT_EQ(above_maximum(), all_periods_mask);
  EXPECT_EQ(send(reading(400)).answer, Answer::accepted);
  EXPECT_EQ(meter_.counting(reading_day).present, all_periods_mask);
}

TEST_F(MeterRegisterTurn, TheMetersOwnMaximumMayBeAboveThatOfItsConnection) {
  send(meter_register(50'000));
  EXPECT_EQ(send(reading(45'000)).answer, Answer::accepted);
}

TEST_F(MeterRegisterTurn, AReadingThatCameBeforeItIsWithdrawnAndItsSenderIsTold) {
  send(reading(500));
  const auto sent = meter_.position();
  const auto& effects = send(meter_register(400));
  EXPECT_EQ(effects.refused_periods, 48u);
  ASSERT_EQ(effects.refusals.size(), 1u);
  EXPECT_EQ(effects.refusals[0].version.position, sent);
  EXPECT_EQ(message_of(effects.refusals[0]).refused.of(RefusalCode::above_maximum),
            all_periods_mask);
  EXPECT_TRUE(meter_.volumes().empty());
  EXPECT_EQ(meter_.masks_of(reading_day), (PeriodMasks{0, all_periods_mask}));
  const auto versions = meter_.stored(reading_day);
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[1].derived->rule, DerivationRule::meter_register);
}

TEST_F(MeterRegisterTurn, AReadingThatItAllowsCounts) {
  send(reading(45'000));
  EXPECT_TRUE(meter_.volumes().empty());
  send(meter_register(50'000));
  EXPECT_EQ(meter_.volumes().size(), 48u);
  EXPECT_TRUE(meter_.refusals().empty());
}

TEST_F(MeterRegisterTurn, WhereItRefusesNothingNothingMoves) {
  send(reading(500));
  const auto& effects = send(meter_register(1'000));
  EXPECT_EQ(effects.answer, Answer::accepted);
  EXPECT_TRUE(effects.movements.empty());
  EXPECT_TRUE(effects.versions.empty());
}

TEST_F(MeterRegisterTurn, ItHoldsOfHalfHoursThatBeginWhileItIsFitted) {
  send(reading(500));
  auto fitted = meter_register(400, at(9, 40));
  send(fitted);
  EXPECT_EQ(above_maximum(), rest) << "from the next half hour on";
  fitted.removed_at = at(12, 10);
  send(fitted);
  EXPECT_EQ(above_maximum(), rest & ((std::uint64_t{1} << 25) - 1)) << "12:00 began with it";
}

TEST_F(MeterRegisterTurn, OfTwoDevicesTheOneFittedLastCounts) {
  send(reading(500));
  send(meter_register(400));
  auto later = meter_register(600, at(10));
  later.meter_id = *core::MeterSerialId::parse("M2");
  send(later);
  EXPECT_EQ(above_maximum(), morning);
  later.maximum_wh = 0;  // the connection's
  send(later);
  EXPECT_EQ(above_maximum(), morning);
}

TEST_F(MeterRegisterTurn, OfRegistersFittedTogetherTheGreatestCountsUnlessOneHasNone) {
  send(reading(500));
  auto first = meter_register(400), second = meter_register(600);
  first.register_id = *core::RegisterId::parse("1");
  second.register_id = *core::RegisterId::parse("2");
  send(first);
  EXPECT_EQ(above_maximum(), all_periods_mask);
  send(second);
  EXPECT_EQ(above_maximum(), 0u);
  second.maximum_wh = 450;
  send(second);
  EXPECT_EQ(above_maximum(), all_periods_mask);
  second.maximum_wh = 0;
  send(second);
  EXPECT_EQ(above_maximum(), 0u);
}

TEST_F(MeterRegisterTurn, NeitherACheckMeterNorAnotherQuantityLimitsTheReading) {
  auto check = meter_register(400), exported = meter_register(400);
  check.role = MeterRole::check;
  exported.quantity = core::MeasurementQuantity::active_export;
  send(check);
  send(exported);
  EXPECT_EQ(send(reading(500)).answer, Answer::accepted);
}

TEST_F(MeterRegisterTurn, TheSameAgainIsUnchangedAndTheLaterOfTwoDeliveriesCounts) {
  meter_.give(meter_register(400), {1, 1});
  EXPECT_EQ(meter_.give(meter_register(400), {2, 2}).answer, Answer::unchanged);
  EXPECT_EQ(meter_.state().registers().size(), 1u);
  EXPECT_EQ(meter_.give(meter_register(600), {3, 3}).answer, Answer::accepted);
  EXPECT_EQ(meter_.give(reading(500), {3, 3}).answer, Answer::accepted);
}

TEST_F(MeterRegisterTurn, TwoOfOneDeliveryThatDifferAreBothRefused) {
  send(reading(500));
  meter_.give(meter_register(300), {1, 1});
  meter_.give(meter_register(600), {2, 2});
  EXPECT_EQ(above_maximum(), 0u);
  const auto& effects = meter_.give(meter_register(700), {2, 2});
  EXPECT_EQ(effects.answer, Answer::refused);
  ASSERT_EQ(effects.contradicted.size(), 2u);
  EXPECT_EQ(effects.contradicted[0].kind, ContradictedEntry::Kind::meter_register);
  EXPECT_EQ(effects.contradicted[0].day, always.value);
  EXPECT_EQ(above_maximum(), all_periods_mask) << "what an earlier delivery said counts again";
}

TEST_F(MeterRegisterTurn, ARepeatIsRefusedWithWhatItsDeliverySaysElse) {
  meter_.give(meter_register(400), {1, 1});
  EXPECT_EQ(meter_.give(meter_register(400), {2, 2}).answer, Answer::unchanged);
  EXPECT_EQ(meter_.give(meter_register(600), {2, 2}).contradicted.size(), 2u);
  EXPECT_EQ(send(reading(500)).answer, Answer::refused);
}

TEST_F(MeterRegisterTurn, ARepeatCountsWhenWhatItRepeatsIsContradicted) {
  meter_.give(meter_register(400), {1, 1});
  meter_.give(meter_register(400), {2, 2});
  meter_.give(meter_register(600), {1, 1});
  EXPECT_EQ(meter_.state().registers().size(), 3u);
  EXPECT_EQ(send(reading(500)).answer, Answer::refused);
}

/// Fitted in the same second, told apart by device and register.
TEST_F(MeterRegisterTurn, WhatIsSaidOfAnotherRegisterIsNoContradictionAndNoRepeat) {
  auto other = meter_register(600);
  other.register_id = *core::RegisterId::parse("2");
  meter_.give(meter_register(400), {1, 1});
  EXPECT_EQ(meter_.give(other, {1, 1}).answer, Answer::accepted);
  EXPECT_EQ(meter_.give(meter_register(400), {2, 2}).answer, Answer::unchanged);
  other.maximum_wh = 700;
  EXPECT_EQ(meter_.give(other, {2, 2}).answer, Answer::accepted);
}

TEST_F(MeterRegisterTurn, WhatIsRemovedWhenItWasFittedNeverWas) {
  send(reading(500));
  auto mistaken = meter_register(400, at(3));
  send(mistaken);
  EXPECT_NE(above_maximum(), 0u);
  mistaken.removed_at = mistaken.installed_at;
  send(mistaken);
  EXPECT_EQ(above_maximum(), 0u);
}

TEST_F(MeterRegisterTurn, WhoIsToldOfAContradictionHearsOfWhich) {
  auto fitted = meter_register(400, at(10, 5));
  fitted.register_id = *core::RegisterId::parse("02");
  meter_.give(fitted, {1, 1});
  fitted.maximum_wh = 500;
  EXPECT_EQ(meter_.give(fitted, {1, 1}).contradicted.at(0).subject,
            "M1 02 AI 2013-01-15T10:05:00Z");
}

/// Each field of a record beyond what it can be.
TEST(MeterState, OfRegistersThatDoNotHoldIsDamage) {
  const auto read = [](auto&& change) {
    storage::RecordBuilder<schema::MeterRecord> record;
    auto version = record->initRegisters(1)[0];
    version.setMeterId("M1");
    version.setInstalledAt(at(1).milliseconds);
    version.setRemovedAt(at(2).milliseconds);
    change(version);
    return read_meter_record(record.bytes(), storage::Where([] { return "test"; })).has_value();
  };
  using Version = schema::RegisterVersion::Builder;
  EXPECT_TRUE(read([](Version) {}));
  EXPECT_FALSE(read([](Version version) { version.setMeterId(""); }));
  EXPECT_FALSE(read([](Version version) { version.setRegisterId("a b"); }));
  EXPECT_FALSE(read([](Version version) { version.setQuantity(4); }));
  EXPECT_FALSE(read([](Version version) { version.setRole(3); }));
  EXPECT_FALSE(read([](Version version) { version.setInstalledAt(-1); }));
  EXPECT_FALSE(read([](Version version) { version.setRemovedAt(at(0).milliseconds); }));
  EXPECT_FALSE(read([](Version version) { version.setRemovedAt(1'000'000'000'000'000); }));
  EXPECT_FALSE(read([](Version version) { version.setMaximumWh(-1); }));
  EXPECT_FALSE(
      read([](Version version) { version.setMaximumWh(storage::reading_energy_max + 1); }));
  EXPECT_FALSE(read([](Version version) { version.setContradictedBy(2); }));
}

TEST(MeterState, ComesBackFromItsRecordWithItsRegisters) {
  LoneMeter meter(meter_mpan(1));
  auto fitted = meter_register(400);
  fitted.role = MeterRole::backup;
  fitted.removed_at = at(10);
  meter.give(fitted, {1, 1});
  fitted.maximum_wh = 600;
  meter.give(fitted, {1, 1});
  const auto read =
      read_meter_record(meter_record(meter.state()), storage::Where([] { return "test"; }));
  ASSERT_TRUE(read) << read.error().text;
  ASSERT_EQ(read->registers().size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto &was = meter.state().registers()[i], &is = read->registers()[i];
    EXPECT_EQ(is.key, was.key);
    EXPECT_EQ(is.removed_at, was.removed_at);
    EXPECT_EQ(is.maximum_wh, was.maximum_wh);
    EXPECT_EQ(is.role, was.role);
    EXPECT_EQ(is.contradicted_by, was.contradicted_by);
    EXPECT_EQ(is.position, was.position);
  }
}

}  // namespace
}  // namespace hhgrid::actors::test
