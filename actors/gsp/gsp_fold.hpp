#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/gsp/gsp_group.hpp"
#include "actors/host/fold.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors {

/// A GSP Group's partition: hosts the GSP Group actor and its BMU actors.
class GspFold : public Fold {
 public:
  /// `calendar` must outlive the fold; `identity` must be a GSP Group's partition.
  GspFold(Identity identity, storage::Store& store, const core::SettlementCalendar& calendar);

  /// Counts for `status`: Group Takes taken since the program started, those that repeated one, and
  /// periods refused.
  std::uint64_t takes_accepted_count() const { return state_.takes.accepted_count(); }
  std::uint64_t takes_unchanged_count() const { return state_.takes.unchanged_count(); }
  std::uint64_t takes_refused_count() const { return state_.takes.refused_count(); }

 protected:
  tl::expected<void, storage::Error> load_state() override;
  void turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
            const TurnContext& context) override;
  std::string address_of(const schema::Entry::Reader& entry) const override;
  bool answers_failure(const schema::Entry::Reader& entry, const std::string& reason) override;
  void turn_failed(const schema::Entry::Reader&, const TurnContext&) override {}
  void turn_replayed(const schema::Entry::Reader&) override {}
  void write_state(storage::Commit& commit) override;

 private:
  using Records = std::map<std::string, std::string>;

  MarketEffects effects_of(const schema::Entry::Reader& entry, EntryBytes bytes,
                           const TurnContext& context);
  void take(MarketEffects effects);
  GspGroupPorts ports() const;
  StandingPorts standing_ports(const TurnContext& context) const;
  /// Records whose keys begin with `prefix`: the store's, changed by this block.
  Records records(storage::Family family, const std::string& prefix) const;
  BmuDay bmu_day(const BmuAddress& address, core::SettlementDay day) const;
  std::vector<BmuDay> bmu_days(core::SettlementDay day) const;
  BmuRun bmu_run(const std::string& key, const std::string& value) const;

  GspGroupState state_;
  std::map<std::pair<storage::Family, std::string>, std::optional<std::string>>
      writes_;  // of the block being applied
};

}  // namespace hhgrid::actors
