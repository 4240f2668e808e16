#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/gsp/run_results_key.hpp"
#include "actors/market/day_closed.hpp"
#include "actors/market/day_sums.hpp"
#include "actors/market/group_settled.hpp"
#include "actors/market/run_defaults.hpp"
#include "actors/market/run_release.hpp"
#include "actors/market/run_request.hpp"
#include "actors/market/run_sums.hpp"
#include "storage/wire/entry_view.hpp"
#include "tests/actors/market/market_entries.hpp"

namespace hhgrid::actors::market_test {

/// The market's actors without a store or an actor system, in a grid of two meter partitions: gives
/// a message, returns its effects. What the store would hold is what a test puts into `stored_*`.
class LoneMarket : public testing::Test {
 protected:
  // -- messages --
  MarketEffects request(core::SettlementDay day = winter_day, std::uint64_t request_id = 7) {
    return give(run_request(day, request_id), [this](auto entry, EntryBytes) {
      return turn(state_, entry.getRunRequest(), context());
    });
  }
  MarketEffects give_sums(const PartitionSums& sums) {
    return give(run_sums(sums), [this](auto entry, EntryBytes bytes) {
      return turn(state_, entry.getRunSums(), bytes);
    });
  }
  MarketEffects give_defaults(const PartitionDefaults& defaults) {
    return give(run_defaults(defaults), [this](auto entry, EntryBytes bytes) {
      return turn(state_, entry.getRunDefaults(), bytes);
    });
  }
  MarketEffects give_answer(const GroupAnswer& answer) {
    return give(group_settled(answer), [this](auto entry, EntryBytes bytes) {
      return turn(state_, entry.getGroupSettled(), bytes);
    });
  }
  MarketEffects release(std::uint32_t run) {
    return give(run_release(run),
                [this](auto entry, EntryBytes) { return turn(state_, entry.getRunRelease()); });
  }
  MarketEffects close(core::UtcDay day) {
    return give(day_closed(day), [this](auto entry, EntryBytes) {
      return turn(state_, entry.getDayClosed(), context());
    });
  }
  MarketEffects give_day_sums(storage::Position closing, const ClosingAnswer& answer) {
    return give(day_sums(closing, answer), [this](auto entry, EntryBytes bytes) {
      return turn(state_, entry.getDaySums(), bytes);
    });
  }

  // -- a run up to a message; each returns the last one's effects --
  MarketEffects collect_sums() {
    request();
    give_sums(sums_of_partition(0));
    return give_sums(sums_of_partition(1));
  }
  MarketEffects collect_defaults() {
    collect_sums();
    give_defaults(defaults_of_partition(0));
    return give_defaults(defaults_of_partition(1));
  }

  // -- what effects say --
  static std::vector<storage::PartitionId> destinations(const MarketEffects& effects) {
    std::vector<storage::PartitionId> all;
    for (const auto& message : effects.messages) all.push_back(message.destination);
    return all;
  }
  static schema::Entry::Reader sent(const MarketEffects& effects, std::size_t n) {
    return effects.messages.at(n).message->getRoot<schema::Entry>().asReader();
  }
  /// Where the run stands that the effects announce, as they must.
  static RunEvent announced(const MarketEffects& effects) {
    EXPECT_EQ(effects.events.size(), 1u);
    return effects.events.empty() ? RunEvent() : effects.events.front();
  }
  /// Meter partitions are told to forget what the run found missing or defaulted.
  static void expect_cancelled(const MarketEffects& effects, std::uint32_t run) {
    ASSERT_GE(effects.messages.size(), 2u);
    for (std::size_t n = 0; n < 2; ++n) {
      EXPECT_EQ(effects.messages[n].destination, n);
      EXPECT_EQ(sent(effects, n).getRunShapes().getRunNumber(), run);
      EXPECT_TRUE(sent(effects, n).getRunShapes().getCancelled());
    }
  }
  /// The run has ended without results, and nothing of what was kept for it stays.
  void expect_refused(const MarketEffects& effects, std::uint32_t run, const std::string& reason,
                      const std::vector<storage::PartitionId>& groups = {}) {
    EXPECT_EQ(announced(effects).status, RunStatus::REFUSED);
    EXPECT_EQ(announced(effects).reason, reason);
    expect_cancelled(effects, run);
    EXPECT_THAT(erased(effects), ::testing::IsSupersetOf(answers_kept(run, groups)));
    EXPECT_TRUE(state_.open.empty());
    EXPECT_TRUE(state_.held.empty());
  }
  static std::vector<std::string> erased(const MarketEffects& effects) {
    std::vector<std::string> keys;
    for (const StoreWrite& write : effects.writes)
      if (!write.value) keys.push_back(write.key);
    return keys;
  }
  /// What a run has kept of the partitions' answers.
  static std::vector<std::string> answers_kept(
      std::uint32_t run, const std::vector<storage::PartitionId>& groups = {}) {
    std::vector<std::string> keys;
    for (const storage::PartitionId p : {0, 1})
      for (const auto which : {run_key::sums_input, run_key::defaults_input})
        keys.push_back(run_key::input(run, which, p));
    for (const storage::PartitionId group : groups)
      keys.push_back(run_key::input(run, run_key::settled_input, group));
    return keys;
  }
  storage::Position position() const { return {block_, 0}; }

  std::map<std::uint32_t, RunInfo> stored_runs_;
  std::set<core::UtcDay> stored_closed_;
  std::map<core::UtcDay, PublishedDay> stored_published_;
  MarketState state_{
      test::FoldGrid::calendar(),
      storage::Topology(2),
      [](core::UtcDay, core::UtcDay, const ShapeTotals::Add&) {},
      {.run = [this](std::uint32_t number) { return stored_run(number); },
       .run_of_request = [this](std::uint64_t request_id) { return stored_request(request_id); },
       .is_closed = [this](core::UtcDay day) { return stored_closed_.contains(day); },
       .published = [this](core::UtcDay day) { return stored_published_[day]; }}};

 private:
  template <class Turn>
  MarketEffects give(const Entry& words, Turn&& turn_of) {
    storage::EntryView view(words);
    ++block_;
    return turn_of(view.entry().value(), EntryBytes(words));
  }
  TurnContext context() const { return {position(), {1'000}, {}}; }
  std::optional<RunInfo> stored_run(std::uint32_t number) const {
    const auto found = stored_runs_.find(number);
    return found == stored_runs_.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<RunInfo> stored_request(std::uint64_t request_id) const {
    for (const auto& [number, run] : stored_runs_)
      if (run.request_id == request_id) return run;
    return std::nullopt;
  }

  storage::BlockNumber block_ = 0;
};

}  // namespace hhgrid::actors::market_test
