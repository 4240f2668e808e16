#include <gmock/gmock.h>

#include "actors/meter/versions.hpp"
#include "actors/verify/check.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Family;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view missing_prefix = "m";  // in Family::run
constexpr core::Instant early{1'358'400'000'000}, late{1'358'600'000'000},
    for_ever{4'000'000'000'000};

/// A run in which a partition cannot take part: what its marker found missing is gone when the
/// shapes arrive.
class RunFailure : public testing::Test {
 protected:
  RunFailure() : grid_(2, {.minimum_sample = 3}) {
    grid_.append_standing(early, standing_entries(run_day - 5, run_day));
    for (std::uint64_t n = 0; n < 13; ++n) {
      grid_.append(
          meter_mpan(n), early,
          registration_entry(meter_mpan(n), run_day - 30, core::open_ended, terms_variant(0)));
      grid_.append(meter_mpan(n), early, consumption_entry(meter_mpan(n), {run_day.value}, 100));
    }
    grid_.append(meter_mpan(3), late, consumption_entry(meter_mpan(3), {run_day.value}, 700));
    broken_ = grid_.owner(meter_mpan(3));
  }

  /// Asks for a run and brings every partition its marker.
  std::uint32_t marked_run() {
    const auto number = grid_.request_run(run_day, cutoff, late);
    for (int markers = 0; markers < 2; ++markers) grid_.deliver_one(grid_.senders_waiting() - 1);
    return number;
  }
  void break_run() {
    for (const auto& [key, value] : grid_.records(broken_, Family::run, missing_prefix))
      grid_.remove(broken_, Family::run, key);
  }
  RunInfo refused_run() {
    const auto number = marked_run();
    break_run();
    grid_.deliver();
    return grid_.run_info(number);
  }
  RunInfo run(core::Instant until) {
    const auto number = grid_.request_run(run_day, until, late);
    grid_.deliver();
    return grid_.run_info(number);
  }

  FoldGrid grid_;
  storage::PartitionId broken_ = 0;
};

TEST_F(RunFailure, ARunThatAPartitionCannotJoinIsRefusedWithTheReason) {
  const auto refused = refused_run();
  EXPECT_EQ(refused.status, RunStatus::REFUSED);
  EXPECT_THAT(refused.reason,
              HasSubstr("Partition " + std::to_string(broken_) + " cannot take part"));
  EXPECT_THAT(refused.reason, HasSubstr("has no marker in this partition"));
  for (storage::PartitionId p = 0; p <= grid_.market(); ++p)
    EXPECT_EQ(grid_.fold(p).dead_letter_count(), 0u) << "partition " << p;
}

TEST_F(RunFailure, LaterRunsGoOnWithAllShapeSums) {
  EXPECT_EQ(refused_run().status, RunStatus::REFUSED);
  const auto published = run(for_ever);
  EXPECT_EQ(published.status, RunStatus::PUBLISHED) << published.reason;
  EXPECT_TRUE(check_stores(grid_.stores(), FoldGrid::calendar(), 1).sound());
}

TEST_F(RunFailure, TheOthersForgetWhatARefusedRunFoundMissing) {
  const auto healthy = static_cast<storage::PartitionId>(1 - broken_);
  std::uint64_t n = 20;
  while (grid_.owner(meter_mpan(n)) != healthy) ++n;
  grid_.append(meter_mpan(n), early,
               registration_entry(meter_mpan(n), run_day - 30, core::open_ended,
                                  terms_variant(0)));  // and no consumption
  const auto number = marked_run();
  EXPECT_FALSE(grid_.records(healthy, Family::run, missing_prefix).empty());
  break_run();
  grid_.deliver();
  EXPECT_EQ(grid_.run_info(number).status, RunStatus::REFUSED);
  for (const auto partition : {healthy, broken_}) {
    EXPECT_THAT(grid_.records(partition, Family::run, missing_prefix), IsEmpty());
    EXPECT_EQ(grid_.fold(partition).dead_letter_count(), 0u);
  }
}

/// What a marker found missing is read again when the shapes arrive; nothing of it is taken on
/// trust.
class DamagedMissing : public testing::Test {
 protected:
  DamagedMissing() { begin(); }

  void begin() {
    grid_ = std::make_unique<FoldGrid>(1, core::ShapePolicy{.minimum_sample = 3});
    grid_->append_standing(early, standing_entries(run_day - 5, run_day));
    grid_->append(
        meter_mpan(0), early,
        registration_entry(meter_mpan(0), run_day - 30, core::open_ended, terms_variant(0)));
  }

  /// The outcome of a run whose missing record is changed between the marker and the shapes.
  RunInfo outcome(const std::function<void(schema::MissingRecord::Builder)>& change) {
    const auto number = grid_->request_run(run_day, cutoff, late);
    grid_->deliver_one();
    const auto [key, value] = *grid_->records(0, Family::run, missing_prefix).begin();
    capnp::MallocMessageBuilder changed;
    const auto read = storage::read_record<schema::MissingRecord>(value, "missing", [&](auto r) {
      changed.setRoot(r);
      return true;
    });
    if (!read) throw std::runtime_error(read.error().text);
    change(changed.getRoot<schema::MissingRecord>());
    grid_->tamper(0, Family::run, key, storage::to_bytes(changed));
    grid_->deliver();
    EXPECT_THAT(grid_->records(0, Family::run, missing_prefix), IsEmpty());
    return grid_->run_info(number);
  }

  std::unique_ptr<FoldGrid> grid_;
};

TEST_F(DamagedMissing, AnUnchangedRecordSettles) {
  const auto info = outcome([](auto) {});
  EXPECT_EQ(info.status, RunStatus::HELD) << info.reason;  // a take, and nothing that is read
  EXPECT_THAT(info.reason, HasSubstr("Correction Factor of _A"));
  EXPECT_EQ(grid_->fold(grid_->market()).dead_letter_count(), 0u);
}

TEST_F(DamagedMissing, AnImpossibleFieldStopsThePartitionAndNamesItself) {
  using Record = schema::MissingRecord::Builder;
  const std::vector<std::pair<std::string, std::function<void(Record)>>> changes = {
      {"settlementDay", [](Record r) { r.setSettlementDay(2'000'000'000); }},
      {"termsId", [](Record r) { r.getMeters()[0].setTermsId(77); }},
      {"quantity", [](Record r) { r.getMeters()[0].setQuantity(9); }},
      {"utcDay", [](Record r) { r.getMeters()[0].getDays()[0].setUtcDay(1); }},
      {"missing", [](Record r) { r.getMeters()[0].getDays()[0].setMissing(~0ull); }},
  };
  for (const auto& [field, change] : changes) {
    begin();
    const auto run_over_damage = [&, &damage = change] { outcome(damage); };
    EXPECT_THAT(run_over_damage, testing::ThrowsMessage<std::runtime_error>(HasSubstr(field)));
    EXPECT_EQ(grid_->fold(0).dead_letter_count(), 0u) << field;
  }
}

TEST_F(RunFailure, ARefusalOutlivesARestartBetweenTheAnswers) {
  const auto number = marked_run();
  break_run();
  for (int delivered = 0; delivered < 5; ++delivered) grid_.deliver_one();
  EXPECT_EQ(grid_.run_info(number).status, RunStatus::COLLECTING);
  grid_.reopen();
  grid_.deliver();
  EXPECT_EQ(grid_.run_info(number).status, RunStatus::REFUSED);
  EXPECT_EQ(run(for_ever).status, RunStatus::PUBLISHED);
}

TEST_F(RunFailure, ADamagedVersionThatARunNeedsStopsThePartitionUntilItIsWhole) {
  const auto prefix =
      version_prefix({run_day.value}, meter_mpan(3), core::MeasurementQuantity::active_import);
  const auto [key, value] = *grid_.records(broken_, Family::consumption, prefix).begin();
  grid_.tamper(broken_, Family::consumption, key, "damaged");
  const auto number = grid_.request_run(run_day, cutoff, late);
  EXPECT_THAT([&] { grid_.deliver(); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("consumption")));
  EXPECT_EQ(grid_.fold(broken_).dead_letter_count(), 0u);
  EXPECT_EQ(grid_.run_info(number).status, RunStatus::COLLECTING);
}

}  // namespace
}  // namespace hhgrid::actors::test
