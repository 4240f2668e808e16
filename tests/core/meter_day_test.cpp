#include "core/meter_day.hpp"

#include <gtest/gtest.h>

namespace hhgrid::core {
namespace {

TEST(MeterDay, OnlyTheGivenPeriodsAreLaidOver) {
  MeterDay under, day;
  under.present = 0b011;
  under.energy_wh[0] = under.energy_wh[1] = 1;
  under.reasoned = 0b011;
  day.present = 0b110;
  day.energy_wh[1] = day.energy_wh[2] = 2;
  overlay(under, day, 0b010);
  EXPECT_EQ(under.present, 0b011u);
  EXPECT_EQ(under.energy_wh[0], 1);
  EXPECT_EQ(under.energy_wh[1], 2);
  EXPECT_EQ(under.reasoned, 0b001u);
}

TEST(MeterDay, AReasonAloneIsADifference) {
  MeterDay a;
  a.present = 0b11;
  MeterDay b = a;
  b.reasoned = 0b10;
  b.amendment_reason[1] = 'M';
  EXPECT_EQ(differing_periods(a, b, 0b11), 0b10u);
  EXPECT_EQ(differing_periods(a, b, 0b01), 0u);
  b.amendment_reason[1] = 0;
  EXPECT_EQ(differing_periods(a, b, 0b11), 0u) << "a reason of none is no reason";
}

}  // namespace
}  // namespace hhgrid::core
