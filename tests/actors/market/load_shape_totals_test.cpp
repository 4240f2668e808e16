#include "actors/market/load_shape_totals.hpp"

#include <gtest/gtest.h>

namespace hhgrid::actors::test {
namespace {

constexpr core::UtcDay day{20'000};

core::ShapeGroup full_group(char gsp_group, bool domestic) {
  core::ShapeGroup group;
  group.gsp_group = core::GspGroup::parse(std::string{'_', gsp_group}).value();
  group.domestic = domestic;
  return group;
}

core::ShapeSums sums_of(core::WattHours energy_wh, std::int32_t count) {
  core::ShapeSums sums;
  sums.energy_wh.fill(energy_wh);
  sums.count.fill(count);
  return sums;
}

/// Totals of two GSP Groups, and a run before whose cut-off less had come of one half of the first.
class Overlay : public testing::Test {
 protected:
  Overlay()
      : totals_([this](core::UtcDay, core::UtcDay, const ShapeTotals::Add& add) {
          add({changed_, day, sums_of(1'000, 10)});
          add({beside_, day, sums_of(500, 5)});
          add({elsewhere_, day, sums_of(70, 7)});
        }) {
    totals_.require(day, day);
  }
  ShapeOverlay overlay() const {
    RunOnlySums run_only;
    run_only.add({changed_, day, sums_of(-200, -1)});
    run_only.add({changed_, day, sums_of(-100, -1)});  // another partition's
    return {totals_, std::move(run_only)};
  }

  const core::ShapeGroup changed_ = full_group('A', true), beside_ = full_group('A', false),
                         elsewhere_ = full_group('B', true);
  ShapeTotals totals_;
};

TEST_F(Overlay, GivesTheSumsOfAFullGroupAsOfTheCutOff) {
  auto as_of = overlay();
  EXPECT_EQ(*as_of.find(changed_, day), sums_of(700, 8));
  EXPECT_EQ(*as_of.find(changed_, day), sums_of(700, 8)) << "and again";
  EXPECT_EQ(*as_of.find(beside_, day), sums_of(500, 5));
  EXPECT_EQ(as_of.find(full_group('C', true), day), nullptr);
  EXPECT_EQ(as_of.find(changed_, day + 1), nullptr);
}

TEST_F(Overlay, GivesTheSumsOfParentsWhateverWasAskedBefore) {
  const auto [without_domestic, everywhere] = parents_of(changed_);
  for (const bool full_group_first : {false, true}) {
    auto as_of = overlay();
    if (full_group_first) as_of.find(changed_, day);
    EXPECT_EQ(*as_of.find(without_domestic, day), sums_of(1'200, 13));
    EXPECT_EQ(*as_of.find(everywhere, day), sums_of(1'270, 20));
    EXPECT_EQ(*as_of.find(parents_of(elsewhere_)[0], day), sums_of(70, 7));
  }
}

TEST_F(Overlay, OfADayWithoutChangesGivesTheTotals) {
  ShapeOverlay as_of(totals_, {});
  EXPECT_EQ(as_of.find(changed_, day), totals_.find(changed_, day));
}

}  // namespace
}  // namespace hhgrid::actors::test
