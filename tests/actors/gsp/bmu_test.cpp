#include "actors/gsp/bmu.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "actors/gsp/bmu_run_dropped.hpp"
#include "actors/gsp/bmu_volumes.hpp"

namespace hhgrid::actors {
namespace {

core::PeriodEnergy each(core::WattHours energy_wh) {
  core::PeriodEnergy energy{};
  energy.fill(energy_wh);
  return energy;
}

BmuClassVolume class_volume(std::uint16_t ccc_id, core::WattHours allocated_wh) {
  BmuClassVolume volume;
  volume.ccc_id = ccc_id;
  volume.allocated_wh = each(allocated_wh);
  return volume;
}

BmuVolumes volumes(std::uint32_t run, std::vector<BmuClassVolume> classes) {
  BmuVolumes message{run, {}, {}, std::move(classes)};
  for (const auto& volume : message.classes)
    for (std::size_t i = 0; i < message.import_wh.size(); ++i)
      message.import_wh[i] += volume.allocated_wh[i];
  return message;
}

/// A unit's settlement day without any store.
class Bmu : public ::testing::Test {
 protected:
  BmuEffects give(const BmuVolumes& message) { return take(turn(state_, message)); }
  BmuEffects drop(std::uint32_t run) { return take(turn(state_, BmuRunDropped{run})); }

  const BmuRun& run(std::uint32_t number) const {
    for (const BmuRun& one : state_.runs)
      if (one.run == number) return one;
    throw std::out_of_range("no such run");
  }

  BmuDay state_{
      {core::SupplierId::parse("SUPA").value(), core::BmuId::parse("2__CSUPA000").value()},
      {15720},
      {}};

 private:
  BmuEffects take(BmuEffects effects) {
    if (effects.erased)
      std::erase_if(state_.runs, [&](const BmuRun& one) { return one.run == *effects.erased; });
    for (const BmuRun& changed : effects.changed) {
      std::erase_if(state_.runs, [&](const BmuRun& one) { return one.run == changed.run; });
      state_.runs.push_back(changed);
    }
    std::sort(state_.runs.begin(), state_.runs.end(),
              [](const BmuRun& a, const BmuRun& b) { return a.run < b.run; });
    return effects;
  }
};

TEST_F(Bmu, TheFirstRunOfADayChangesNothing) {
  give(volumes(3, {class_volume(1, 500)}));
  EXPECT_EQ(run(3).change_from_run, 0u);
  EXPECT_EQ(run(3).import_wh, each(500));
  ASSERT_EQ(run(3).classes.size(), 1u);
  EXPECT_EQ(run(3).classes[0].allocated_wh, each(500));
  EXPECT_EQ(run(3).classes[0].change_wh, each(0));
}

TEST_F(Bmu, ALaterRunSaysWhatItChangedByClass) {
  give(volumes(3, {class_volume(1, 500), class_volume(2, 50)}));
  give(volumes(8, {class_volume(1, 480), class_volume(2, 50)}));
  EXPECT_EQ(run(8).change_from_run, 3u);
  ASSERT_EQ(run(8).classes.size(), 2u);
  EXPECT_EQ(run(8).classes[0].change_wh, each(-20));
  EXPECT_EQ(run(8).classes[1].change_wh, each(0));
}

TEST_F(Bmu, AClassThatOnlyOneOfTwoRunsHasChangesByAllOfIt) {
  give(volumes(1, {class_volume(1, 500)}));
  give(volumes(2, {class_volume(4, 70)}));
  ASSERT_EQ(run(2).classes.size(), 2u);
  EXPECT_TRUE(run(2).classes[0].only_before);
  EXPECT_EQ(run(2).classes[0].change_wh, each(-500));
  EXPECT_EQ(run(2).classes[1].change_wh, each(70));
  give(volumes(3, {class_volume(4, 70)}));
  ASSERT_EQ(run(3).classes.size(), 1u) << "the class is gone since the run before";
}

TEST_F(Bmu, ADroppedRunNeverWas) {
  give(volumes(1, {class_volume(1, 500)}));
  give(volumes(2, {class_volume(1, 900), class_volume(2, 9)}));
  give(volumes(3, {class_volume(1, 510)}));
  const auto effects = drop(2);
  EXPECT_EQ(effects.erased, 2u);
  EXPECT_EQ(run(3).change_from_run, 1u);
  ASSERT_EQ(run(3).classes.size(), 1u);
  EXPECT_EQ(run(3).classes[0].change_wh, each(10));
}

TEST_F(Bmu, DroppingTheOnlyRunBeforeLeavesNothingToCompareWith) {
  give(volumes(1, {class_volume(1, 500)}));
  give(volumes(2, {class_volume(1, 510)}));
  drop(1);
  EXPECT_EQ(run(2).change_from_run, 0u);
  EXPECT_EQ(run(2).classes[0].change_wh, each(0));
}

TEST_F(Bmu, DroppingTheLastRunTouchesNoOther) {
  give(volumes(1, {class_volume(1, 500)}));
  give(volumes(2, {class_volume(1, 510)}));
  EXPECT_TRUE(drop(2).changed.empty());
}

TEST_F(Bmu, ARecordComesBackExactly) {
  give(volumes(1, {class_volume(1, 500)}));
  auto message = volumes(2, {class_volume(4, -70)});
  message.export_wh = each(3);
  give(message);
  const auto key = bmu_key::of_run(state_.day, state_.address, 2);
  EXPECT_EQ(read_bmu_record(key, bmu_record(run(2)), "test").value(), run(2));
}

TEST_F(Bmu, AKeyGivesBackItsParts) {
  const auto parts = bmu_key::read(bmu_key::of_run(state_.day, state_.address, 7));
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->day, state_.day);
  EXPECT_EQ(parts->address, state_.address);
  EXPECT_EQ(parts->run, 7u);
  EXPECT_FALSE(bmu_key::read("u short"));
}

TEST_F(Bmu, ARecordThatIsNoneIsAnErrorThatNamesItsPlace) {
  const auto read =
      read_bmu_record(bmu_key::of_run(state_.day, state_.address, 2), "12345678", "the place");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, storage::Errc::damaged);
  EXPECT_NE(read.error().text.find("the place"), std::string::npos);
}

}  // namespace
}  // namespace hhgrid::actors
