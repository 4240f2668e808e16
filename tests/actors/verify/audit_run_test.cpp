#include <gtest/gtest.h>

#include <algorithm>

#include "actors/gsp/run_results_key.hpp"
#include "actors/gsp/run_results_write.hpp"
#include "actors/meter/run_shapes.hpp"
#include "actors/meter/versions.hpp"
#include "actors/verify/audit.hpp"
#include "storage/store/key.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Family;

constexpr core::Instant before_cutoff{1'358'400'000'000}, after_cutoff{1'358'600'000'000};

/// Twelve meters with three days of values, one without any; the run of the last of these days.
class AuditRun : public testing::Test {
 protected:
  AuditRun() : grid_(2, {.minimum_sample = 3}) {
    grid_.append_standing(before_cutoff, standing_entries(run_day - 5, run_day));
    for (std::uint64_t n = 0; n < 13; ++n) {
      grid_.append(
          meter_mpan(n), before_cutoff,
          registration_entry(meter_mpan(n), run_day - 30, core::open_ended, terms_variant(0)));
      for (int back = 0; back < 3 && n < 12; ++back)
        grid_.append(meter_mpan(n), before_cutoff,
                     consumption_entry(meter_mpan(n), {run_day.value - back},
                                       100 + 100 * static_cast<core::WattHours>(n)));
    }
  }

  std::uint32_t run(core::Instant now = after_cutoff) {
    const auto number = grid_.request_run(run_day, cutoff, now);
    grid_.deliver();
    EXPECT_EQ(grid_.run_info(number).status, RunStatus::PUBLISHED) << grid_.run_info(number).reason;
    return number;
  }

  AuditReport audit(std::uint32_t number) {
    const auto report = audit_run(grid_.stores(), FoldGrid::calendar(), {}, number);
    if (!report) {
      ADD_FAILURE() << report.error().text;
      return {};
    }
    return *report;
  }

  /// True when there is a difference in the table whose key holds the text.
  static testing::AssertionResult has(const AuditReport& report, std::string_view table,
                                      std::string_view key) {
    for (const auto& d : report.differences)
      if (d.table == table && d.key.find(key) != std::string::npos)
        return testing::AssertionSuccess();
    auto failure = testing::AssertionFailure()
                   << "none of " << report.difference_count << " differences:";
    for (const auto& d : report.differences) failure << "\n  " << d.table << " " << d.key;
    return failure;
  }

  /// The components of a run as they are stored.
  std::vector<ComponentRow> components(std::uint32_t number) {
    std::vector<ComponentRow> rows;
    const storage::Store::View view(grid_.store(grid_.gsp_group("_A")));
    EXPECT_TRUE(for_each_component(view, number, [&](const ComponentRow& row) {
      rows.push_back(row);
      return true;
    }));
    return rows;
  }

  FoldGrid grid_;
};

TEST_F(AuditRun, ARunOfWhatIsStoredIsEqualToWhatTheVersionsGive) {
  const auto report = audit(run());
  EXPECT_TRUE(report.equal());
  EXPECT_EQ(report.run_id, "2013-01-15-SF-1");
  EXPECT_EQ(report.meter_days, 12u * 3);
}

TEST_F(AuditRun, ARunStaysEqualWhenCorrectionsComeAfterIt) {
  const auto number = run();
  grid_.append(meter_mpan(3), after_cutoff,
               consumption_entry(meter_mpan(3), {run_day.value}, 9999));
  grid_.append(meter_mpan(4), after_cutoff,
               registration_entry(meter_mpan(4), run_day - 10, core::open_ended, terms_variant(4)));
  EXPECT_TRUE(audit(number).equal());
}

TEST_F(AuditRun, ARunLeavesOutWhatCameAfterItsCutoff) {
  grid_.append(meter_mpan(3), after_cutoff,
               consumption_entry(meter_mpan(3), {run_day.value}, 9999));
  const auto number = run();
  EXPECT_TRUE(audit(number).equal());
  EXPECT_LT(components(number).front().component.uncorrected_wh[0], 9999);
}

TEST_F(AuditRun, AChangedComponentIsFoundWithBothValues) {
  const auto number = run();
  auto row = components(number).front();
  const auto before = row.component.corrected_wh[6];
  row.component.corrected_wh[6] += 1;
  core::GroupSettlement settlement;
  settlement.components = {row.component};
  settlement.gsp_group = row.gsp_group;
  MarketEffects effects;
  write_settlement(number, settlement, effects);
  grid_.tamper(grid_.gsp_group("_A"), Family::run, effects.writes.front().key,
               *effects.writes.front().value);
  const auto report = audit(number);
  ASSERT_TRUE(has(report, "components", "corrected Wh of period 7"));
  ASSERT_TRUE(has(report, "runs", "digest of what is stored"));
  EXPECT_EQ(report.difference_count, 2u);
  const auto& found = *std::find_if(report.differences.begin(), report.differences.end(),
                                    [](const auto& d) { return d.table == "components"; });
  EXPECT_EQ(found.stored, std::to_string(before + 1));
  EXPECT_EQ(found.recomputed, std::to_string(before));
}

TEST_F(AuditRun, AChangedVersionIsFoundInAllThatFollowsFromIt) {
  const auto number = run();
  const auto partition = grid_.owner(meter_mpan(5));
  const auto versions = grid_.records(
      partition, Family::consumption,
      version_prefix({run_day.value}, meter_mpan(5), core::MeasurementQuantity::active_import));
  ASSERT_EQ(versions.size(), 1u);
  const auto& [key, value] = *versions.begin();
  auto other = read_version(read_version_key(key, "store").value(), value, "store").value();
  other.values.energy_wh.fill(4711);
  grid_.tamper(partition, Family::consumption, key, version_record(other));
  const auto report = audit(number);
  EXPECT_TRUE(has(report, "components", "uncorrected Wh"));
  EXPECT_TRUE(has(report, "load-shapes", "day total"));
  EXPECT_TRUE(has(report, "runs", "ledger digest"));
  EXPECT_TRUE(has(report, "defaults",
                  meter_mpan(12).to_string() + " AI: 2013-01-15 UTC period 1 and 47 more"));
  EXPECT_GT(report.difference_count, audit_differences_max);
  EXPECT_EQ(report.differences.size(), audit_differences_max);
}

TEST_F(AuditRun, AVersionThatIsGoneIsFound) {
  const auto number = run();
  const auto partition = grid_.owner(meter_mpan(5));
  const auto versions =
      grid_.records(partition, Family::consumption, version_day_prefix({run_day.value - 2}));
  grid_.remove(partition, Family::consumption, versions.begin()->first);
  EXPECT_TRUE(has(audit(number), "load-shapes", "rolling 7 days"));
}

TEST_F(AuditRun, AChangedDefaultIsFound) {
  const auto number = run();
  const auto partition = grid_.owner(meter_mpan(12));
  const auto key = defaults_key(number, meter_mpan(12), core::MeasurementQuantity::active_import);
  auto value = grid_.records(partition, Family::run, key).at(key);
  // The meter has no annual consumption, so each default is its load-shape value: the mean of 100
  // ... 1200 Wh.
  const std::string mean{static_cast<char>(650 % 256), 650 / 256, 0, 0, 0, 0, 0, 0};
  const auto place = value.find(mean);
  ASSERT_NE(place, std::string::npos);
  value[place] = static_cast<char>(651 % 256);
  grid_.tamper(partition, Family::run, key, value);
  const auto report = audit(number);
  EXPECT_EQ(report.difference_count, 1u);
  ASSERT_TRUE(has(report, "defaults", meter_mpan(12).to_string()));
  EXPECT_EQ(report.differences[0].stored, "651 Wh A");
  EXPECT_EQ(report.differences[0].recomputed, "650 Wh A");
}

TEST_F(AuditRun, ADefaultThatIsGoneIsFound) {
  const auto number = run();
  grid_.remove(grid_.owner(meter_mpan(12)), Family::run,
               defaults_key(number, meter_mpan(12), core::MeasurementQuantity::active_import));
  const auto report = audit(number);
  EXPECT_EQ(report.difference_count, 1u);
  EXPECT_TRUE(has(report, "defaults", meter_mpan(12).to_string()));
}

TEST_F(AuditRun, AChangedRegistrationIsFound) {
  const auto number = run();
  const auto key = meter_key(meter_mpan(2));
  const auto partition = grid_.owner(meter_mpan(2));
  auto meter = read_meter_record(grid_.records(partition, Family::actor, key).at(key), "test");
  ASSERT_TRUE(meter);
  meter->registrations[0].to = run_day - 1;
  grid_.tamper(partition, Family::actor, key, meter_record(*meter));
  EXPECT_TRUE(has(audit(number), "components", "msid count"));
}

TEST_F(AuditRun, LedgerAndPresenceAreNotAskedByAnAudit) {
  const auto number = run();
  for (storage::PartitionId p = 0; p < grid_.market(); ++p)
    for (const auto family : {Family::ledger, Family::presence})
      for (const auto& [key, value] : grid_.records(p, family)) grid_.remove(p, family, key);
  for (const auto& [key, value] : grid_.records(grid_.market(), Family::ledger))
    grid_.remove(grid_.market(), Family::ledger, key);
  EXPECT_TRUE(audit(number).equal());
}

TEST_F(AuditRun, AGroupTakeThatCameAfterTheRunChangesNothing) {
  const auto number = run();
  grid_.append_standing(after_cutoff, group_take_entry("_A", run_day, 99));
  EXPECT_TRUE(audit(number).equal());
}

TEST_F(AuditRun, AChangedGroupTakeIsFound) {
  const auto number = run();
  const auto partition = grid_.gsp_group("_A");
  const Entry other = group_take_entry("_A", run_day, 99);
  const auto bytes = other.asBytes();
  for (const auto& [key, value] : grid_.records(partition, Family::actor, "st"))
    if (key.find(storage::KeyWriter().day(run_day.value).str()) != std::string::npos)
      grid_.tamper(partition, Family::actor, key,
                   {reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
  EXPECT_TRUE(has(audit(number), "factors", "group take Wh"));
}

TEST_F(AuditRun, StandingDataThatAGroupWasToldOtherwiseAreFound) {
  const auto number = run();
  for (const auto& [loss_key, loss] : grid_.records(grid_.market(), Family::actor, "sl"))
    grid_.remove(grid_.market(), Family::actor, loss_key);
  EXPECT_TRUE(has(audit(number), "orders", "_A"));
}

TEST_F(AuditRun, ADamagedVersionIsAnErrorThatNamesItsKey) {
  const auto number = run();
  const auto versions = grid_.records(0, Family::consumption, version_day_prefix({run_day.value}));
  grid_.tamper(0, Family::consumption, versions.begin()->first, "not an entry");
  const auto report = audit_run(grid_.stores(), FoldGrid::calendar(), {}, number);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, storage::Errc::damaged);
  EXPECT_NE(report.error().text.find("consumption"), std::string::npos) << report.error().text;
}

TEST_F(AuditRun, ARunThatThereIsNotCannotBeAudited) {
  const auto report = audit_run(grid_.stores(), FoldGrid::calendar(), {}, 17);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().text.find("there is no run 17"), std::string::npos)
      << report.error().text;
}

TEST_F(AuditRun, ARunThatIsNotSettledYetCannotBeAudited) {
  const auto number = grid_.request_run(run_day, cutoff, after_cutoff);
  const auto report = audit_run(grid_.stores(), FoldGrid::calendar(), {}, number);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().text.find("collecting"), std::string::npos) << report.error().text;
}

}  // namespace
}  // namespace hhgrid::actors::test
