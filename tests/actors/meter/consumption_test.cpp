#include "actors/meter/consumption.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "actors/meter/refusal_message.hpp"
#include "tests/actors/meter/meter_messages.hpp"

namespace hhgrid::actors::test {
namespace {

using core::RefusalCode;

constexpr std::uint64_t period_21 = std::uint64_t{1} << 20;
constexpr storage::SenderId first_delivery{1, 1}, second_delivery{2, 1};

/// Given a whole-current meter with the limits of the settings.
class MeterConsumption : public testing::Test {
 protected:
  MeterConsumption() {
    meter_.set_maximum({});
    meter_.give(registration(meter_.add_terms(terms_of(core::ConnectionType::whole_current))));
  }
  /// The half hours of each code that are refused of all versions.
  core::RefusedPeriods refused() const {
    core::RefusedPeriods all;
    for (const auto& [version, refused] : meter_.refusals())
      for (std::size_t code = 0; code < all.by_code.size(); ++code)
        all.by_code[code] |= refused.by_code[code];
    return all;
  }
  LoneMeter meter_{meter_mpan(1)};
};

TEST_F(MeterConsumption, AReadingGivesAVersionAMovementAndItsPresence) {
  const auto& effects = meter_.give(reading(500));
  ASSERT_EQ(effects.versions.size(), 1u);
  EXPECT_EQ(effects.versions[0].key.n, 0u);
  ASSERT_EQ(effects.movements.size(), 1u);
  EXPECT_EQ(effects.movements[0].sign, 1);
  ASSERT_EQ(effects.presence.size(), 1u);
  EXPECT_EQ(effects.presence[0].masks, (PeriodMasks{all_periods_mask, 0}));
  EXPECT_EQ(effects.answer, Answer::accepted);
  EXPECT_TRUE(effects.refusals.empty());
  EXPECT_FALSE(effects.state);
}

TEST_F(MeterConsumption, ACorrectionTakesBackWhatItReplacesAndNoMore) {
  meter_.give(reading(500), first_delivery);
  meter_.give(reading(700, 0b11), second_delivery);
  core::WattHours total = 0;
  for (const auto& [at, energy] : meter_.volumes()) total += energy;
  EXPECT_EQ(total, 46 * 500 + 2 * 700);
  EXPECT_EQ(meter_.counted(), 48);
}

TEST_F(MeterConsumption, WhatSaysTheSameAgainIsUnchanged) {
  meter_.give(reading(500), first_delivery);
  const auto& effects = meter_.give(reading(500), second_delivery);
  EXPECT_EQ(effects.answer, Answer::unchanged);
  EXPECT_TRUE(effects.versions.empty());
  EXPECT_TRUE(effects.movements.empty());
}

TEST_F(MeterConsumption, AHalfHourAboveTheMaximumIsRefusedWithECS1012AndTheOthersCount) {
  auto message = reading(500);
  message.values.energy_wh[20] = 16'777'215;
  const auto& effects = meter_.give(message);
  EXPECT_EQ(effects.refused.of(RefusalCode::above_maximum), period_21);
  EXPECT_EQ(effects.answer, Answer::accepted);
  EXPECT_EQ(effects.refused_periods, 1u);
  EXPECT_EQ(meter_.counting(reading_day).present, all_periods_mask & ~period_21);
  EXPECT_EQ(meter_.masks_of(reading_day), (PeriodMasks{all_periods_mask & ~period_21, period_21}));
  EXPECT_EQ(meter_.counted(), 47);
}

TEST_F(MeterConsumption, WhatATurnRefusesIsToldOfItsVersion) {
  auto message = reading(500);
  message.values.energy_wh[20] = 16'777'215;
  const auto& effects = meter_.give(message);
  ASSERT_EQ(effects.refusals.size(), 1u);
  const RefusalMessage told = message_of(effects.refusals[0]);
  EXPECT_EQ(told.version.position, meter_.position());
  EXPECT_EQ(told.version.day, reading_day);
  EXPECT_EQ(told.refused.of(RefusalCode::above_maximum), period_21);
  EXPECT_EQ(told.refused.all(), period_21);
  EXPECT_EQ(told.allowed, 0u);
}

TEST_F(MeterConsumption, OfAContradictionBothVersionsAreTold) {
  meter_.give(reading(500), first_delivery);
  const auto first = meter_.position();
  const auto& effects = meter_.give(reading(0, period_21), first_delivery);
  ASSERT_EQ(effects.refusals.size(), 2u);
  std::set<storage::Position> told;
  for (const auto& change : effects.refusals) {
    told.insert(change.version.position);
    EXPECT_EQ(message_of(change).refused.of(RefusalCode::contradicted), period_21);
  }
  EXPECT_EQ(told, (std::set<storage::Position>{first, meter_.position()}));
}

TEST_F(MeterConsumption, WhatItsSenderSaysAgainIsRefusedAgainAndNoNews) {
  meter_.give(reading(38'001, period_21), first_delivery);
  const auto& effects = meter_.give(reading(38'001, period_21), second_delivery);
  EXPECT_EQ(effects.answer, Answer::unchanged);
  EXPECT_EQ(effects.refused_periods, 1u);
  EXPECT_TRUE(effects.refusals.empty());
  EXPECT_EQ(meter_.stored(reading_day).size(), 1u);
}

class MeterConsumptionOfSeveral : public MeterConsumption {
 protected:
  /// How many versions there are after `participant` has sent the reading in a new delivery.
  std::size_t versions_after(std::string_view participant, const Consumption& message) {
    meter_.name_sender(core::ParticipantId::parse(participant).value());
    answer_ = meter_.give(message, {1, ++deliveries_}).answer;
    return meter_.stored(reading_day).size();
  }
  std::uint64_t deliveries_ = 100;
  Answer answer_{};
};

TEST_F(MeterConsumptionOfSeveral, EachWhoSaysTheSameHasAVersionAndOnlyOne) {
  EXPECT_EQ(versions_after("ABCD", reading(500)), 1u);
  EXPECT_EQ(versions_after("WXYZ", reading(500)), 2u);
  EXPECT_EQ(answer_, Answer::unchanged) << "it counts already";
  EXPECT_EQ(versions_after("WXYZ", reading(500)), 2u);
  EXPECT_EQ(versions_after("ABCD", reading(500)), 2u);
  EXPECT_EQ(meter_.counted(), 48);
}

TEST_F(MeterConsumptionOfSeveral, WhatItsSenderHasSaidOtherwiseSinceIsNew) {
  EXPECT_EQ(versions_after("WXYZ", reading(500)), 1u);
  EXPECT_EQ(versions_after("ABCD", reading(600)), 2u);
  EXPECT_EQ(versions_after("ABCD", reading(600)), 2u);
  EXPECT_EQ(versions_after("WXYZ", reading(600)), 3u) << "its own was another";
  EXPECT_EQ(versions_after("WXYZ", reading(600, period_21)), 3u) << "a part of its own";
}

TEST_F(MeterConsumptionOfSeveral, WhatCountsOfAnotherIsNotItsSendersOwnThatWasRefused) {
  meter_.name_sender(core::ParticipantId::parse("ABCD").value());
  meter_.give(reading(600), {1, 1});
  meter_.give(reading(500), {1, 1});  // contradicts it: both are refused
  const auto refused = meter_.stored(reading_day).size();
  EXPECT_EQ(versions_after("WXYZ", reading(500)), refused + 1);
  EXPECT_EQ(versions_after("ABCD", reading(500)), refused + 2) << "its own did not count";
  EXPECT_EQ(versions_after("ABCD", reading(500)), refused + 2);
}

TEST_F(MeterConsumptionOfSeveral, ARepeatThatBecomesAVersionIsToldWhatIsRefusedOfIt) {
  versions_after("ABCD", reading(38'001, period_21));
  meter_.give(reading(38'001, period_21), second_delivery);  // a trace
  const auto repeat = meter_.position();
  const auto& effects = meter_.give(reading(2, period_21), second_delivery);
  const auto told = std::find_if(effects.refusals.begin(), effects.refusals.end(),
                                 [&](const auto& c) { return c.version.position == repeat; });
  ASSERT_NE(told, effects.refusals.end());
  EXPECT_EQ(message_of(*told).refused.of(RefusalCode::above_maximum), period_21);
}

TEST_F(MeterConsumptionOfSeveral, OfWhomNobodyIsNamedRepeatsEverybody) {
  EXPECT_EQ(versions_after("ABCD", reading(500)), 1u);
  meter_.name_sender({});
  meter_.give(reading(500), second_delivery);
  EXPECT_EQ(meter_.stored(reading_day).size(), 1u);
}

TEST_F(MeterConsumptionOfSeveral, ALaterRegistrationIsToldToEach) {
  versions_after("ABCD", reading(38'001, period_21));
  versions_after("WXYZ", reading(38'001, period_21));
  EXPECT_EQ(answer_, Answer::refused);
  const auto low = meter_.add_terms(terms_of(core::ConnectionType::low_voltage));
  const auto& effects = meter_.give(registration(low), second_delivery);
  ASSERT_EQ(effects.refusals.size(), 2u);
  for (const auto& change : effects.refusals) EXPECT_EQ(message_of(change).allowed, period_21);
}

TEST_F(MeterConsumption, ARefusedHalfHourLeavesWhatCountedBefore) {
  meter_.give(reading(500), first_delivery);
  const auto& effects = meter_.give(reading(38'001, period_21), second_delivery);
  EXPECT_EQ(effects.answer, Answer::refused);
  EXPECT_EQ(meter_.counting(reading_day).energy_wh[20], 500);
  EXPECT_EQ(meter_.masks_of(reading_day), (PeriodMasks{all_periods_mask, 0}));
}

TEST_F(MeterConsumption, TheSameRefusedAgainIsUnchanged) {
  meter_.give(reading(38'001, period_21), first_delivery);
  EXPECT_EQ(meter_.give(reading(38'001, period_21), second_delivery).answer, Answer::unchanged);
  EXPECT_EQ(meter_.refusals().size(), 1u);
}

TEST_F(MeterConsumption, TheLimitIsTheOneInForceWhenItWasReceived) {
  core::MaximumEnergy larger;
  larger.by_connection[0] = 50'000;
  meter_.give(reading(40'000, 0b01));
  meter_.set_maximum(larger);
  meter_.give(reading(40'000, 0b10));
  EXPECT_EQ(meter_.counting(reading_day).present, 0b10u);
}

TEST_F(MeterConsumption, TwoValuesOfOneDeliveryForOneHalfHourAreBothRefusedWithECS1006) {
  meter_.give(reading(500), first_delivery);
  const auto& effects = meter_.give(reading(0, period_21), first_delivery);
  EXPECT_EQ(effects.refused.of(RefusalCode::contradicted), period_21);
  EXPECT_EQ(effects.refused_periods, 2u) << "its own, and the one that counted";
  EXPECT_EQ(meter_.counting(reading_day).present, all_periods_mask & ~period_21);
  EXPECT_EQ(meter_.refusals().size(), 2u);
  EXPECT_EQ(meter_.counted(), 47);
}

TEST_F(MeterConsumption, AJudgementNamesTheRuleSetThatItWasMadeBy) {
  meter_.give(reading(500), first_delivery);
  meter_.set_rules(7);
  meter_.give(reading(0), first_delivery);
  EXPECT_EQ(meter_.stored(reading_day).at(2).derived.value().rule_set, 7u);
}

TEST_F(MeterConsumption, AValueThatCountedIsWithdrawnByAVersionOfItsOwn) {
  meter_.give(reading(500), first_delivery);
  meter_.give(reading(0), first_delivery);
  const auto versions = meter_.stored(reading_day);
  ASSERT_EQ(versions.size(), 3u);
  EXPECT_EQ(versions[2].key.position, versions[1].key.position);
  EXPECT_EQ(versions[2].key.n, 1u);
  ASSERT_TRUE(versions[2].derived);
  EXPECT_EQ(versions[2].derived->rule, DerivationRule::contradiction);
  EXPECT_EQ(versions[2].derived->positions, std::vector{versions[1].key.position});
  ASSERT_EQ(versions[2].judgements.size(), 1u);
  EXPECT_EQ(versions[2].judgements[0].position, versions[0].key.position);
}

TEST_F(MeterConsumption, AContradictionLetsTheValueOfAnEarlierDeliveryCountAgain) {
  meter_.give(reading(300), second_delivery);
  meter_.give(reading(500), first_delivery);
  meter_.give(reading(0), first_delivery);
  EXPECT_EQ(meter_.counting(reading_day).energy_wh[0], 300);
  EXPECT_EQ(meter_.counted(), 48);
}

TEST_F(MeterConsumption, ARepeatIsRefusedWithWhatItsDeliverySaysElse) {
  meter_.give(reading(500), {1, 1});
  const auto& repeated = meter_.give(reading(500, 0b1111), {2, 2});
  EXPECT_EQ(repeated.answer, Answer::unchanged);
  EXPECT_TRUE(repeated.versions.empty());
  EXPECT_EQ(meter_.give(reading(700, 0b0110), {2, 2}).refused_periods, 4u);
  EXPECT_EQ(meter_.counting(reading_day).energy_wh[1], 500);
  EXPECT_EQ(meter_.counted(), 48);
  EXPECT_EQ(meter_.give(reading(700, 0b1001), {3, 3}).refused_periods, 0u);
}

TEST_F(MeterConsumption, ARepeatCountsWhenWhatItRepeatsIsContradicted) {
  meter_.give(reading(100), {0, 0});
  meter_.give(reading(500), {1, 1});
  meter_.give(reading(500), {2, 2});
  EXPECT_EQ(meter_.stored(reading_day).size(), 2u);
  EXPECT_EQ(meter_.give(reading(700, 0b1), {1, 1}).refused_periods, 2u);
  const auto counting = meter_.counting(reading_day);
  EXPECT_EQ(counting.energy_wh[0], 500);
  EXPECT_EQ(counting.energy_wh[1], 500);
  EXPECT_EQ(meter_.counted(), 48);
}

TEST_F(MeterConsumption, WhatADeliverySaysAgainAfterAnotherIsTheLast) {
  meter_.give(reading(1), first_delivery);
  meter_.give(reading(2), second_delivery);
  EXPECT_EQ(meter_.give(reading(1), first_delivery).answer, Answer::accepted);
  EXPECT_EQ(meter_.counting(reading_day).energy_wh[20], 1);
  EXPECT_EQ(meter_.give(reading(1), first_delivery).answer, Answer::unchanged);
  EXPECT_EQ(meter_.counted(), 48);
}

TEST_F(MeterConsumption, OfTwoDeliveriesTheLaterOneCounts) {
  meter_.give(reading(500), first_delivery);
  meter_.give(reading(0), second_delivery);
  EXPECT_TRUE(meter_.refusals().empty());
  EXPECT_EQ(meter_.counting(reading_day).energy_wh[0], 0);
}

TEST_F(MeterConsumption, AnIdenticalRepeatOfWhatIsContradictedIsUnchanged) {
  meter_.give(reading(500), first_delivery);
  meter_.give(reading(0), first_delivery);
  EXPECT_EQ(meter_.give(reading(500), first_delivery).answer, Answer::unchanged);
  EXPECT_EQ(meter_.refusals().size(), 2u);
}

TEST_F(MeterConsumption, AThirdValueOfADeliveryIsRefusedToo) {
  meter_.give(reading(500), first_delivery);
  meter_.give(reading(0), first_delivery);
  EXPECT_EQ(meter_.give(reading(700), first_delivery).answer, Answer::refused);
  EXPECT_EQ(refused().of(RefusalCode::contradicted), all_periods_mask);
  EXPECT_EQ(meter_.counting(reading_day).present, 0u);
}

TEST(DeEnergisedMeter, EstimatesAreRefusedWithECS1008AndActualsCount) {
  LoneMeter meter(meter_mpan(1));
  meter.give(registration(meter.add_terms(terms_of(core::ConnectionType::whole_current, false))));
  EXPECT_EQ(meter.give(reading(5, 0b01, core::Quality::e1)).refused.of(RefusalCode::not_actual),
            0b01u);
  EXPECT_EQ(meter.give(reading(5, 0b10)).answer, Answer::accepted);
  EXPECT_EQ(meter.counting(reading_day).present, 0b10u);
}

TEST(UnregisteredMeter, AReadingIsKeptAndSaysWhetherThereIsAnyRegistration) {
  LoneMeter meter(meter_mpan(1));
  EXPECT_TRUE(meter.give(reading(500, 0b01)).without_registration);
  meter.give(registration(meter.add_terms(terms_of(core::ConnectionType::whole_current)),
                          settlement_day("2014-01-01")));
  const auto& effects = meter.give(reading(500, 0b10));
  EXPECT_FALSE(effects.without_registration);
  EXPECT_TRUE(effects.not_registered);
  EXPECT_TRUE(meter.volumes().empty());
  EXPECT_EQ(meter.counting(reading_day).present, 0b11u);
}

}  // namespace
}  // namespace hhgrid::actors::test
