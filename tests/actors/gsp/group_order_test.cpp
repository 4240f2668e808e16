#include "actors/gsp/group_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/actors/market/market_entries.hpp"

namespace hhgrid::actors::market_test {
namespace {

using ::testing::HasSubstr;

constexpr int periods = 48;

GroupVolume volume_of(const core::Terms& terms, core::WattHours energy_wh) {
  GroupVolume volume;
  volume.volume.terms = terms;
  volume.volume.msid_count = 3;
  volume.volume.energy_wh = each_period(energy_wh);
  volume.volume.actual_wh = each_period(energy_wh - 1);
  volume.volume.defaulted_wh[5] = 1;
  volume.meter_count = 4;
  return volume;
}

/// Standing data of the tests, with much that does not concern the group on the day.
core::StandingData everything() {
  core::StandingData data;
  for (const Entry& words : standing_entries()) {
    storage::EntryView view(words);
    put(data, read_standing(view.entry().value()));
  }
  core::Bmu other{core::BmuId::parse("2__ASUPA000").value(),
                  supplier_a,
                  core::GspGroup::parse("_A").value(),
                  true,
                  {winter_day - 500}};
  data.put(other);
  core::Bmu past = other;
  past.gsp_group = group_c;
  past.effective = {winter_day - 500, winter_day - 400};
  data.put(past);
  data.put_line_losses(99, llfc_1, winter_day, {1, 2, 3});
  return data;
}

GroupOrder order_of(const core::StandingData& data, std::vector<GroupVolume> volumes) {
  GroupOrder order{7, group_c, winter_day, core::CorrectionMethod::legacy, {}, std::move(volumes)};
  order.standing = standing_of_group(data, group_c, winter_day, periods, order.volumes);
  return order;
}

GroupOrder sent(const GroupOrder& order,
                const std::function<void(schema::GroupRun::Builder)>& change = {}) {
  const Entry words = entry([&](auto root) {
    auto out = root.initGroupRun();
    write_group_order(order, out);
    if (change) change(out);
  });
  storage::EntryView view(words);
  return read_group_order(view.entry().value().getGroupRun());
}

TEST(GroupOrder, OnlyWhatConcernsTheGroupOnTheDayGoesWithIt) {
  const auto order = order_of(everything(), {volume_of(domestic_import(), 100)});
  std::vector<std::string> rows;
  for (const auto& row : order.standing) rows.push_back(standing_address(row));
  EXPECT_THAT(
      rows, testing::UnorderedElementsAre("bmu/2__CSUPA000", "standing/component_class/1",
                                          "standing/component_class/2", "standing/line_loss/001"));
}

TEST(GroupOrder, SettlingWithItGivesTheSameBitsAsWithAllStandingData) {
  auto data = everything();
  // Some periods of the day have no factor, and take those of two earlier days, or none.
  core::StandingData gaps;
  for (const auto& row : order_of(data, {}).standing) put(gaps, row);
  core::LineLossDay day{}, week{}, year{};
  for (std::size_t i = 0; i < 10; ++i) day[i] = 1011;
  for (std::size_t i = 5; i < 20; ++i) week[i] = 1022;
  for (std::size_t i = 15; i < 30; ++i) year[i] = 1033;
  gaps.put_line_losses(20, llfc_1, winter_day, day);
  gaps.put_line_losses(20, llfc_1, winter_day - 7, week);
  gaps.put_line_losses(20, llfc_1, winter_day - 360, year);
  core::GroupTakeDay take;
  take.energy_wh = each_period(2000);
  for (std::size_t i = 0; i < periods; ++i) take.present[i] = true;
  gaps.put_group_take(group_c, winter_day, take);
  const std::vector<GroupVolume> volumes = {volume_of(domestic_import(), 777)};
  auto chosen = standing_data_of(sent(order_of(gaps, volumes)).standing);
  chosen.put_group_take(group_c, winter_day, take);
  const auto method = core::CorrectionMethod::import_export;
  const auto with_all = settle(group_c, winter_day, periods, volumes, gaps, method);
  EXPECT_FALSE(with_all.exceptions.empty());
  EXPECT_EQ(settle(group_c, winter_day, periods, volumes, chosen, method), with_all);
}

TEST(GroupOrder, WhatIsWrittenIsRead) {
  const auto order = order_of(everything(), {volume_of(domestic_import(), 100)});
  const auto read = sent(order);
  EXPECT_EQ(read.run, 7u);
  EXPECT_EQ(read.gsp_group, group_c);
  EXPECT_EQ(read.day, winter_day);
  EXPECT_EQ(read.method, core::CorrectionMethod::legacy);
  ASSERT_EQ(read.volumes.size(), 1u);
  EXPECT_EQ(read.volumes[0].volume.energy_wh, order.volumes[0].volume.energy_wh);
  EXPECT_EQ(read.volumes[0].volume.actual_wh, order.volumes[0].volume.actual_wh);
  EXPECT_EQ(read.volumes[0].volume.defaulted_wh, order.volumes[0].volume.defaulted_wh);
  EXPECT_EQ(read.volumes[0].volume.msid_count, 3u);
  EXPECT_EQ(read.volumes[0].meter_count, 4u);
  EXPECT_EQ(read.standing.size(), order.standing.size());
}

TEST(GroupOrder, AFieldThatDoesNotHoldIsAFailureThatNamesIt) {
  const auto order = order_of(everything(), {volume_of(domestic_import(), 100)});
  const auto reason = [&](const std::function<void(schema::GroupRun::Builder)>& change) {
    try {
      sent(order, change);
    } catch (const TurnFailure& failure) {
      return std::string(failure.what());
    }
    return std::string("taken");
  };
  EXPECT_THAT(reason([](auto out) { out.setGspGroup("_Z"); }), HasSubstr("gspGroup"));
  EXPECT_THAT(reason([](auto out) { out.setGspGroup("_A"); }), HasSubstr("another GSP Group"));
  EXPECT_THAT(reason([](auto out) { out.setSettlementDay(2'000'000'000); }),
              HasSubstr("settlementDay"));
  EXPECT_THAT(reason([](auto out) { out.setCorrectionMethod(9); }), HasSubstr("correctionMethod"));
  EXPECT_THAT(reason([](auto out) { out.getVolumes()[0].setQuantity(9); }), HasSubstr("quantity"));
  const Entry take = take_entry(winter_day, 1);
  EXPECT_THAT(reason([&](auto out) { out.getStanding().set(0, take.asBytes()); }),
              HasSubstr("is not what settling a group asks for"));
}

TEST(GroupVolumes, SumsAndDefaultsOfOneSetOfTermsAddUp) {
  GroupVolumes volumes;
  auto sums = terms_sums(100, 2);
  sums.estimated_wh = each_period(7);
  volumes.add(sums);
  volumes.add(terms_sums(50, 1));
  volumes.add({domestic_import(), core::MeasurementQuantity::active_import, each_period(3)});
  const auto all = volumes.active();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].volume.energy_wh, each_period(160));
  EXPECT_EQ(all[0].volume.actual_wh, each_period(150));
  EXPECT_EQ(all[0].volume.defaulted_wh, each_period(3));
  EXPECT_EQ(all[0].volume.msid_count, 3u);
  EXPECT_EQ(all[0].meter_count, 3u);
}

TEST(GroupVolumes, ReactiveEnergyIsNotSettled) {
  GroupVolumes volumes;
  auto reactive = terms_sums(100, 2);
  reactive.quantity = core::MeasurementQuantity::reactive_import;
  volumes.add(reactive);
  EXPECT_TRUE(volumes.active().empty());
}

}  // namespace
}  // namespace hhgrid::actors::market_test
