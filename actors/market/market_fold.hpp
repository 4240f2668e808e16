#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "actors/host/fold.hpp"
#include "actors/host/market_effects.hpp"
#include "actors/market/market_state.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors {

struct MarketFoldOptions {
  /// Told of every run whose status a committed block has changed, on the fold's thread. May be
  /// empty.
  std::function<void(const RunEvent&)> on_run;
};

/// The market partition: hosts standing data, the load-shape actors, and the run ledger.
class MarketFold : public Fold {
 public:
  /// `calendar` must outlive the fold.
  MarketFold(Identity identity, storage::Store& store, const core::SettlementCalendar& calendar,
             MarketFoldOptions options);

  /// The standing data as of `position()`; stays as it is while it is held.
  StandingSnapshot standing() const { return state_.standing.snapshot(); }
  /// Counts for `status`: rows of standing data, entries taken since the program started, entries
  /// that repeated one, rows refused, runs not settled, runs waiting for release.
  std::uint64_t standing_row_count() const { return state_.standing.row_count(); }
  std::uint64_t standing_accepted_count() const { return state_.standing.accepted_count(); }
  std::uint64_t standing_unchanged_count() const { return state_.standing.unchanged_count(); }
  std::uint64_t standing_refused_count() const { return state_.standing.refused_count(); }
  std::size_t open_run_count() const { return state_.open.size(); }
  std::size_t held_run_count() const { return state_.held.size(); }
  std::uint64_t failed_turn_count() const { return failed_turns_; }

 protected:
  tl::expected<void, storage::Error> load_state() override;
  void turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
            const TurnContext& context) override;
  std::string address_of(const schema::Entry::Reader& entry) const override;
  /// Runs' turns change several tables.
  bool may_stop_half_way(const schema::Entry::Reader& entry) const override;
  void forget_state() override;
  void turn_failed(const schema::Entry::Reader& entry, const TurnContext& context) override;
  void turn_replayed(const schema::Entry::Reader& entry) override;
  void write_state(storage::Commit& commit) override;
  void committed() override;
  void write_meta(schema::MetaRecord::Builder meta) const override;
  void read_meta(schema::MetaRecord::Reader meta) override;

 private:
  MarketEffects effects_of(const schema::Entry::Reader& entry, EntryBytes bytes,
                           const TurnContext& context);
  StandingPorts standing_ports(const TurnContext& context);
  /// Records of Family::actor whose keys begin with `prefix`: the store's, changed by this block.
  std::map<std::string, std::string> actor_records(const std::string& prefix);
  void forget_writes();

  MarketState state_;
  std::function<void(const RunEvent&)> on_run_;
  std::vector<StoreWrite> writes_;              // of the block being applied
  std::map<std::string, std::size_t> written_;  // of those the first, by key, when a turn has asked
  std::size_t ordered_ = 0;                     // so many
  std::vector<RunEvent> events_;                // of the block being applied
  std::uint64_t failed_turns_ = 0;
};

}  // namespace hhgrid::actors
