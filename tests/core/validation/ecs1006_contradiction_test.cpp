#include "core/validation/ecs1006_contradiction.hpp"

#include <gtest/gtest.h>

namespace hhgrid::core {
namespace {

TEST(Contradiction, IsAnotherEnergyQualityOrReasonOfTheSameHalfHour) {
  MeterDay a;
  a.present = 0b11111;
  MeterDay b = a;
  b.energy_wh[1] = 7;
  b.quality[2] = Quality::e1;
  b.reasoned = 0b1000;
  b.estimation_reason[3] = 2;
  EXPECT_EQ(contradicted_periods(a, b), 0b01110u);
  EXPECT_EQ(contradicted_periods(a, a), 0u);
}

TEST(Contradiction, IsNotInHalfHoursThatOnlyOneCarries) {
  MeterDay a, b;
  a.present = 0b01;
  b.present = 0b10;
  a.energy_wh[0] = b.energy_wh[1] = 5;
  EXPECT_EQ(contradicted_periods(a, b), 0u);
}

}  // namespace
}  // namespace hhgrid::core
