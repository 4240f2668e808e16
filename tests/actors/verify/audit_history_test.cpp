#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>

#include <rapidcheck/gtest.h>

#include "actors/verify/audit.hpp"
#include "actors/verify/check.hpp"
#include "core/partitioning.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

constexpr std::uint64_t meters = 24;
constexpr std::size_t events_per_history = 1200;
constexpr int histories = 12;
/// The clocks go forward on 31 March 2013: the days have 48, 46 and again 48 periods, first on UTC,
/// then an hour ahead.
const core::SettlementDay first_day = settlement_day("2013-03-25"),
                          last_day = settlement_day("2013-04-05");
constexpr core::Instant first_instant{1'365'000'000'000};

/// Takes numbers out of one random number.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t n) {
    state_ += 0x9e3779b97f4a7c15;
    return core::splitmix64_finaliser(state_) % n;
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

/// A grid whose history is told by random numbers, one an event; 0 is no event.
class History {
 public:
  History() : grid_(3, {.minimum_sample = 2}, {.resident_bytes_max = 2000, .ledger_days_max = 3}) {
    grid_.append_standing(now_, standing_entries(first_day, last_day));
    for (std::uint64_t n = 0; n + 4 < meters; ++n)  // four begin without a registration
      put(meter_mpan(n), registration_entry(meter_mpan(n), first_day - 30, core::open_ended,
                                            terms_variant(static_cast<unsigned>(n * 5))));
    end_blocks();
  }

  void take(std::uint64_t event) {
    if (event == 0) return;
    Dice dice(event);
    const auto kind = dice.below(1000);
    if (kind < 700) {
      put_consumption(dice);
    } else if (kind < 820) {
      put_registration(dice);
    } else if (kind < 860) {
      put_annual_consumption(dice);
    } else if (kind < 880) {
      put_standing(dice);
    } else if (kind < 905) {
      request_run(dice);
    } else if (kind < 999) {
      deliver_some(dice);
    } else {
      end_blocks();
      grid_.reopen();
    }
    if (!dice.one_in(6)) return;
    end_blocks();
    // Mostly forward; a gateway whose clock is behind goes back a little.
    now_.milliseconds += static_cast<std::int64_t>(dice.below(1000)) - 200;
    newest_ = std::max(newest_, now_);
  }

  void finish() {
    end_blocks();
    grid_.deliver();
  }

  FoldGrid& grid() { return grid_; }
  std::uint32_t runs() const { return runs_; }

 private:
  core::Mpan meter(Dice& dice) { return meter_mpan(dice.below(meters)); }
  core::SettlementDay day(Dice& dice) {
    return first_day +
           static_cast<int>(dice.below(static_cast<std::uint64_t>(last_day - first_day) + 1));
  }
  void put(core::Mpan mpan, Entry entry) { blocks_[grid_.owner(mpan)].push_back(std::move(entry)); }

  void put_consumption(Dice& dice) {
    storage::ConsumptionDay version(meter(dice));
    version.day = {day(dice).value - (dice.one_in(8) ? 3 : 0)};
    const std::uint64_t quantity = dice.below(10);
    version.quantity = quantity < 7   ? core::MeasurementQuantity::active_import
                       : quantity < 9 ? core::MeasurementQuantity::active_export
                                      : core::MeasurementQuantity::reactive_import;
    version.present =
        dice.one_in(3) ? (dice.below(core::all_periods_mask) | 1) : core::all_periods_mask;
    version.quality =
        static_cast<core::Quality>(dice.one_in(2) ? 0 : dice.below(core::quality_count));
    if (dice.one_in(4)) {
      version.detail.emplace();
      for (auto& quality : version.detail->qualities)
        quality = static_cast<core::Quality>(dice.below(core::quality_count));
    }
    for (std::size_t i = 0; i < version.energy_wh.size(); ++i)
      if ((version.present >> i & 1) != 0)
        version.energy_wh[i] = static_cast<core::WattHours>(dice.below(2000));
    put(version.mpan, consumption_entry(version));
  }

  void put_registration(Dice& dice) {
    const core::SettlementDay from = dice.one_in(2) ? first_day - 30 : day(dice);
    const core::SettlementDay to =
        dice.one_in(3) ? from + static_cast<int>(dice.below(8)) : core::open_ended;
    const auto mpan = meter(dice);
    put(mpan, registration_entry(mpan, from, to,
                                 terms_variant(static_cast<unsigned>(dice.below(terms_variants)))));
  }

  void put_annual_consumption(Dice& dice) {
    const auto mpan = meter(dice);
    put(mpan, annual_consumption_entry(mpan, day(dice),
                                       static_cast<core::WattHours>(dice.below(5'000'000))));
  }

  void put_standing(Dice& dice) {
    auto& block = blocks_[grid_.market()];
    switch (dice.below(3)) {
      case 0: {
        const auto energy_wh = static_cast<core::WattHours>(dice.below(5000));
        const char* group = dice.one_in(2) ? "_A" : "_C";
        return blocks_[grid_.gsp_group(group)].push_back(
            group_take_entry(group, day(dice), energy_wh));
      }
      case 1: {
        const auto thousandths = static_cast<std::uint16_t>(1000 + dice.below(90));
        return block.push_back(line_losses_entry("001", day(dice), thousandths));
      }
      default:
        return block.push_back(bank_holiday_entry(day(dice).value));
    }
  }

  void request_run(Dice& dice) {
    end_blocks();
    // Half of the runs leave out what came last.
    const core::Instant cutoff{dice.one_in(2) ? newest_.milliseconds
                                              : newest_.milliseconds -
                                                    static_cast<std::int64_t>(dice.below(15'000))};
    grid_.request_run(day(dice), cutoff, now_);
    ++runs_;
  }

  void deliver_some(Dice& dice) {
    end_blocks();
    for (auto n = dice.below(12); n > 0; --n) {
      const auto waiting = grid_.senders_waiting();
      if (waiting == 0) return;
      grid_.deliver_one(dice.below(waiting));
    }
  }

  void end_blocks() {
    for (auto& [partition, entries] : blocks_) grid_.append(partition, now_, entries);
    blocks_.clear();
  }

  FoldGrid grid_;
  core::Instant now_ = first_instant, newest_ = first_instant;
  std::map<storage::PartitionId, std::vector<Entry>> blocks_;
  std::uint32_t runs_ = 0;
};

void expect_equal(History& history, std::uint32_t run) {
  const AuditOptions options{.threads = 2};
  const auto report = audit_run(history.grid().stores(), FoldGrid::calendar(), options, run);
  RC_ASSERT(report);
  for (const auto& d : report->differences)
    RC_LOG() << report->run_id << " " << d.table << " " << d.key << ": stored " << d.stored
             << ", recomputed " << d.recomputed << std::endl;
  RC_ASSERT(report->equal());
}

TEST(AuditHistory, WhatRunsComputeFromRunningSumsIsWhatTheVersionsGive) {
  std::uint64_t events = 0;
  std::map<RunStatus, int> runs;
  const auto event =
      rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::uint64_t>(0, ~std::uint64_t{0}));
  const auto property = [&] {
    const auto story = *rc::gen::container<std::vector<std::uint64_t>>(events_per_history, event);
    History history;
    for (const auto e : story) history.take(e);
    history.finish();
    for (std::uint32_t run = 1; run <= history.runs(); ++run) {
      const RunStatus status = history.grid().run_info(run).status;
      ++runs[status];
      if (status == RunStatus::PUBLISHED || status == RunStatus::HELD) expect_equal(history, run);
    }
    const auto report = check_stores(history.grid().stores(), FoldGrid::calendar(), 2);
    for (const auto& d : report.damage)
      RC_LOG() << d.path << " " << d.family << " " << d.key << ": " << d.cause << std::endl;
    RC_ASSERT(report.sound());
    events += story.size();
  };
  // The seed is printed; RC_PARAMS="seed=..." tells the same histories again. Shrinking them would
  // take hours.
  auto params = rc::detail::configuration().testParams;
  params.maxSuccess = histories;
  params.disableShrinking = true;
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata{}, params);
  rc::detail::printResultMessage(result, std::cerr);
  std::cerr << std::endl;
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>());
  EXPECT_GE(events, 10'000u);
  EXPECT_GE(runs[RunStatus::PUBLISHED], 50);
  EXPECT_GE(runs[RunStatus::PUBLISHED] + runs[RunStatus::HELD], 200);
  EXPECT_EQ(runs[RunStatus::COLLECTING], 0);
}

}  // namespace
}  // namespace hhgrid::actors::test
