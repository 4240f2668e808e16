#include "core/validation/judgement.hpp"

#include <gtest/gtest.h>

namespace hhgrid::core {
namespace {

constexpr std::uint64_t first_half = 0xffffff, second_half = all_periods_mask & ~first_half;
constexpr MaximumEnergy maximum;

MeterDay day_of(WattHours energy_wh, Quality quality = Quality::a) {
  MeterDay day;
  day.present = all_periods_mask;
  day.energy_wh.fill(energy_wh);
  day.quality.fill(quality);
  return day;
}

Terms terms_of(ConnectionType connection, bool energised = true) {
  Terms terms;
  terms.connection = connection;
  terms.energised = energised;
  return terms;
}

TEST(Judgement, AValueAtTheMaximumOfItsConnectionCounts) {
  for (const auto connection :
       {ConnectionType::whole_current, ConnectionType::low_voltage, ConnectionType::high_voltage,
        ConnectionType::extra_high_voltage, ConnectionType::unmetered}) {
    const auto terms = terms_of(connection);
    const GovernedPeriods governed[] = {{all_periods_mask, &terms}};
    EXPECT_TRUE(judge(day_of(maximum.of(connection)), governed, &maximum).none());
    EXPECT_EQ(judge(day_of(maximum.of(connection) + 1), governed, &maximum)
                  .of(RefusalCode::above_maximum),
              all_periods_mask);
  }
}

TEST(Judgement, OnlyTheHalfHourAboveTheMaximumIsRefused) {
  const auto terms = terms_of(ConnectionType::whole_current);
  const GovernedPeriods governed[] = {{all_periods_mask, &terms}};
  auto day = day_of(500);
  day.energy_wh[20] = 16'777'215;
  EXPECT_EQ(judge(day, governed, &maximum).all(), std::uint64_t{1} << 20);
}

TEST(Judgement, WhatOnlyAllTogetherWouldBeTooMuchIsNot) {
  const auto terms = terms_of(ConnectionType::whole_current);
  const GovernedPeriods governed[] = {{all_periods_mask, &terms}};
  auto day = day_of(0);
  day.energy_wh[3] = 32'768;  // 2^15; with the next one 38,001 bit by bit
  day.energy_wh[4] = 38'001 - 32'768;
  ASSERT_GT(day.energy_wh[3] | day.energy_wh[4], maximum.of(ConnectionType::whole_current));
  EXPECT_TRUE(judge(day, governed, &maximum).none());
}

TEST(Judgement, EachHalfHourIsJudgedByTheRegistrationThatGovernsIt) {
  const auto small = terms_of(ConnectionType::whole_current),
             large = terms_of(ConnectionType::high_voltage);
  const GovernedPeriods governed[] = {{first_half, &small}, {second_half, &large}};
  EXPECT_EQ(judge(day_of(38'001), governed, &maximum).all(), first_half);
}

TEST(Judgement, AMetersOwnMaximumCountsOverThatOfItsConnection) {
  const auto terms = terms_of(ConnectionType::whole_current);
  const GovernedPeriods governed[] = {{all_periods_mask, &terms}};
  const OwnMaximum smaller[] = {{first_half, 400}}, larger[] = {{first_half, 50'000}};
  EXPECT_TRUE(judge(day_of(400), governed, &maximum, smaller).none());
  EXPECT_EQ(judge(day_of(401), governed, &maximum, smaller).of(RefusalCode::above_maximum),
            first_half);
  EXPECT_EQ(judge(day_of(50'000), governed, &maximum, larger).of(RefusalCode::above_maximum),
            second_half);
  EXPECT_EQ(judge(day_of(401), governed, nullptr, smaller).all(), first_half)
      << "whether the connection has one or not";
}

TEST(Judgement, OfSeveralOwnMaximaEachCountsInItsHalfHours) {
  const auto terms = terms_of(ConnectionType::high_voltage);
  const GovernedPeriods governed[] = {{all_periods_mask, &terms}},
                        none[] = {{all_periods_mask, {}}};
  const OwnMaximum own[] = {{first_half, 400}, {second_half, 600}};
  EXPECT_EQ(judge(day_of(500), governed, &maximum, own).all(), first_half);
  EXPECT_EQ(judge(day_of(601), governed, &maximum, own).all(), all_periods_mask);
  EXPECT_TRUE(judge(day_of(601), none, &maximum, own).none()) << "no registration governs";
}

TEST(Judgement, WithoutARegistrationOrALimitNothingIsRefused) {
  const auto terms = terms_of(ConnectionType::whole_current);
  const GovernedPeriods none[] = {{all_periods_mask, nullptr}}, known[] = {{first_half, &terms}};
  EXPECT_TRUE(judge(day_of(1'000'000), none, &maximum).none());
  EXPECT_TRUE(judge(day_of(1'000'000), known, nullptr).none());
}

TEST(Judgement, OfADeEnergisedMeterActualsCountAndEstimatesDoNot) {
  const auto terms = terms_of(ConnectionType::whole_current, false);
  const GovernedPeriods governed[] = {{all_periods_mask, &terms}};
  EXPECT_TRUE(judge(day_of(5, Quality::a), governed, &maximum).none());
  EXPECT_TRUE(judge(day_of(5, Quality::aae1), governed, &maximum).none());
  for (const auto quality : {Quality::e1, Quality::ze1})
    EXPECT_EQ(judge(day_of(0, quality), governed, &maximum).of(RefusalCode::not_actual),
              all_periods_mask);
}

TEST(Judgement, OfSeveralFaultsTheFirstCodeCounts) {
  RefusedPeriods refused;
  refused.add(RefusalCode::above_maximum, 0b0111);
  refused.add(RefusalCode::not_actual, 0b0010);
  refused.add(RefusalCode::contradicted, 0b0001);
  refused.add(RefusalCode::above_maximum, 0b1011);
  EXPECT_EQ(refused.of(RefusalCode::contradicted), 0b0001u);
  EXPECT_EQ(refused.of(RefusalCode::not_actual), 0b0010u);
  EXPECT_EQ(refused.of(RefusalCode::above_maximum), 0b1100u);
}

}  // namespace
}  // namespace hhgrid::core
