#include "core/quality.hpp"

#include <gtest/gtest.h>

namespace hhgrid::core {
namespace {

TEST(QualityTest, EveryIndicatorParsesToItselfAndBack) {
  for (int index = 0; index < quality_count; ++index) {
    const auto quality = static_cast<Quality>(index);
    const auto parsed = parse_quality(to_string(quality));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, quality);
  }
}

TEST(QualityTest, NamesAreTheSchemasNames) {
  EXPECT_EQ(to_string(Quality::a), "A");
  EXPECT_EQ(to_string(Quality::e0), "E0");
  EXPECT_EQ(to_string(Quality::ze), "ZE");
  EXPECT_EQ(to_string(Quality::eae1), "EAE1");
  EXPECT_EQ(to_string(Quality::ea13), "EA13");
}

TEST(QualityTest, UnknownIndicatorsAreRefused) {
  for (const auto* text : {"", "a", "A4", "EA14", "E10", "A "}) {
    EXPECT_FALSE(parse_quality(text)) << text;
  }
}

TEST(QualityTest, OnlyExactlyAIsActualAndTheOtherActualQualitiesAreSix) {
  int actual = 0, other_actual = 0;
  for (int index = 0; index < quality_count; ++index) {
    const auto quality = static_cast<Quality>(index);
    actual += quality_class(quality) == QualityClass::actual;
    other_actual += quality_class(quality) == QualityClass::other_actual;
  }
  EXPECT_EQ(actual, 1);
  EXPECT_EQ(quality_class(Quality::a), QualityClass::actual);
  EXPECT_EQ(other_actual, 6);
  for (const auto* text : {"A1", "A2", "A3", "AAE1", "AAE2", "AAE3"}) {
    EXPECT_EQ(quality_class(*parse_quality(text)), QualityClass::other_actual) << text;
  }
}

TEST(QualityTest, ZeroEstimatesAreTheFourOfTypeZE) {
  for (int index = 0; index < quality_count; ++index) {
    const auto quality = static_cast<Quality>(index);
    EXPECT_EQ(is_zero_estimate(quality), to_string(quality).starts_with("ZE"))
        << to_string(quality);
  }
}

}  // namespace
}  // namespace hhgrid::core
