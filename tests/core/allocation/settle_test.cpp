#include "core/allocation/settle.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/allocation/settle_case.hpp"

namespace hhgrid::core {
namespace {

// -- Group Take ---------------------------------------------------------------

TEST(SettleGroupTest, WithoutAGroupTakeTheGroupIsRefused) {
  SettleCase grid(46);
  grid.classes(101, "W", "AI", "S", 100, 100);
  grid.volume(1'000);
  const auto settlement = grid.settle();
  ASSERT_TRUE(settlement.refused);
  EXPECT_EQ(*settlement.refused,
            "The GSP Group Take of _C on 2024-10-04 is missing for settlement periods 1-46.");
  EXPECT_EQ(settlement.gsp_group.to_string(), "_C");
  EXPECT_EQ(settlement.period_count, 46);
  EXPECT_TRUE(settlement.components.empty());
}

TEST(SettleGroupTest, MissingPeriodsOfTheGroupTakeAreNamed) {
  SettleCase grid;
  for (int period = 1; period <= 48; ++period) {
    if (period != 5 && period < 47) grid.group_take(period, 0);
  }
  const auto settlement = grid.settle();
  ASSERT_TRUE(settlement.refused);
  EXPECT_EQ(*settlement.refused,
            "The GSP Group Take of _C on 2024-10-04 is missing for settlement periods 5, 47-48.");
}

TEST(SettleGroupTest, AGroupTakeAfterTheLastPeriodIsIgnoredWithAnException) {
  SettleCase grid(46);
  grid.group_take(0);
  grid.group_take(48, 77);
  const auto settlement = grid.settle();
  EXPECT_FALSE(settlement.refused);
  EXPECT_EQ(settlement.group_take_wh[47], 0);
  const auto exceptions = exceptions_of(settlement, "group_take_ignored");
  ASSERT_EQ(exceptions.size(), 1U);
  EXPECT_EQ(exceptions[0].subject, "_C");
  EXPECT_EQ(exceptions[0].period, 48);
}

TEST(SettleGroupTest, AGroupWithoutVolumesIsSettledWithItsTakeAsResidual) {
  SettleCase grid;
  grid.group_take(500);
  const auto settlement = grid.settle();
  EXPECT_FALSE(settlement.refused);
  EXPECT_EQ(settlement.residual_wh[0], 500);
  EXPECT_EQ(exceptions_of(settlement, "weight_zero").size(), 48U);
}

TEST(SettleGroupTest, ARefusalNamesEveryReasonOnce) {
  SettleCase grid;
  for (int i = 0; i < 2; ++i) grid.volume(1).terms.supplier = SupplierId::parse("SUPX").value();
  const auto settlement = grid.settle();
  ASSERT_TRUE(settlement.refused);
  EXPECT_NE(settlement.refused->find("GSP Group Take"), std::string::npos);
  const auto first = settlement.refused->find("SUPX");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(settlement.refused->find("SUPX", first + 1), std::string::npos);
}

// -- properties ---------------------------------------------------------------

/// A group of two suppliers with valid, blank and invalid units, known and unknown line losses, and
/// a random take.
SettleCase random_case() {
  SettleCase grid(*rc::gen::element(46, 48, 50));
  grid.default_unit("SUPB");
  grid.unit("SUPA", "2__CSUPA001");
  const auto weight = [] { return *rc::gen::inRange(0, 200); };
  std::uint16_t ccc_id = 100;
  for (const auto* connection : {"W", "L"}) {
    for (const auto* quantity : {"AI", "AE"}) {
      grid.classes(ccc_id, connection, quantity, "S", weight(), weight());
      ccc_id += 2;
    }
  }
  grid.line_losses("1", 1'078);
  grid.line_losses("2", 984, SettleCase::day - 3);
  const int volume_count = *rc::gen::inRange(0, 12);
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint32_t>());
  const auto pick = [&](WattHours below) {
    return static_cast<WattHours>(random() % static_cast<std::uint64_t>(below));
  };
  for (int i = 0; i < volume_count; ++i) {
    auto& volume = grid.volume(0, pick(3) == 0 ? "AE" : "AI", std::to_string(1 + pick(3)));
    if (pick(2)) volume.terms.supplier = SupplierId::parse("SUPB").value();
    if (pick(2)) volume.terms.bmu = BmuId::parse("2__CSUPA001").value();
    if (pick(2)) volume.terms.connection = ConnectionType::low_voltage;
    volume.msid_count = static_cast<std::uint32_t>(pick(100));
    for (int p = 0; p < grid.period_count; ++p) {
      volume.energy_wh[static_cast<std::size_t>(p)] = pick(50'000'000);
    }
  }
  for (int period = 1; period <= grid.period_count; ++period) {
    grid.group_take(period, pick(400'000'000) - 100'000'000);
  }
  return grid;
}

/// Corrected volumes close to the Group Take but for roundings: half a Wh a component, and half of
/// 1e-9 of the weighted volume for the rounded factor.
bool closes(const GroupSettlement& settlement, int period) {
  const auto i = static_cast<std::size_t>(period - 1);
  const auto size = [](Int128 x) { return x < 0 ? -x : x; };
  Int128 weighted = 0;  // hundredths of Wh
  for (const auto& component : settlement.components) {
    weighted += size(Int128{component.uncorrected_wh[i]} * component.weight_hundredths);
  }
  constexpr Int128 unit = 100'000'000'000;
  const auto bound = static_cast<Int128>(settlement.components.size()) * unit + weighted;
  return 2 * size(settlement.residual_wh[i]) * unit <= bound;
}

bool has_weight(const GroupSettlement& settlement, int period) {
  const auto exceptions = exceptions_of(settlement, "weight_zero");
  return std::none_of(exceptions.begin(), exceptions.end(),
                      [&](const Exception& exception) { return exception.period == period; });
}

RC_GTEST_PROP(SettleGroupProperty, CorrectedVolumesCloseToTheGroupTake, ()) {
  const auto grid = random_case();
  const auto method = *rc::gen::element(CorrectionMethod::import_export, CorrectionMethod::legacy);
  const auto settlement = grid.settle(method);
  RC_PRE(!settlement.refused);
  for (int period = 1; period <= grid.period_count; ++period) {
    const auto i = static_cast<std::size_t>(period - 1);
    if (has_weight(settlement, period)) {
      RC_ASSERT(closes(settlement, period));
    } else {
      RC_ASSERT(settlement.residual_wh[i] ==
                settlement.group_take_wh[i] - settlement.uncorrected_wh[i]);
    }
  }
}

RC_GTEST_PROP(SettleGroupProperty, TheResultDoesNotDependOnTheOrderOfTheVolumes, ()) {
  auto grid = random_case();
  const auto settlement = grid.settle();
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint32_t>());
  std::shuffle(grid.volumes.begin(), grid.volumes.end(), random);
  RC_ASSERT(grid.settle() == settlement);
}

RC_GTEST_PROP(SettleGroupProperty, TheResultDoesNotDependOnHowVolumesAreSplit, ()) {
  auto grid = random_case();
  const auto settlement = grid.settle();
  const auto count = grid.volumes.size();
  for (std::size_t v = 0; v < count; ++v) {
    auto part = grid.volumes[v];
    part.msid_count = 0;
    for (std::size_t i = 0; i < part.energy_wh.size(); ++i) {
      part.energy_wh[i] /= 3;
      grid.volumes[v].energy_wh[i] -= part.energy_wh[i];
    }
    grid.volumes.push_back(part);
  }
  RC_ASSERT(grid.settle() == settlement);
}

RC_GTEST_PROP(SettleGroupProperty, UnitsAddUpToTheGroup, ()) {
  const auto settlement = random_case().settle();
  RC_PRE(!settlement.refused);
  for (int i = 0; i < settlement.period_count; ++i) {
    const auto p = static_cast<std::size_t>(i);
    WattHours net = 0;
    for (const auto& bmu : settlement.bmus) net += bmu.import_wh[p] - bmu.export_wh[p];
    RC_ASSERT(net + settlement.residual_wh[p] == settlement.group_take_wh[p]);
  }
}

}  // namespace
}  // namespace hhgrid::core
