#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "actors/host/fold.hpp"
#include "actors/meter/effects.hpp"
#include "actors/meter/ports.hpp"

namespace hhgrid::actors::test {

/// One meter without a partition, a store or an actor system: gives it messages, keeps what their
/// effects say, and answers its ports from that.
class LoneMeter : private MeterPorts {
 public:
  explicit LoneMeter(core::Mpan mpan) : mpan_(mpan) {}

  /// The next message, sent with a delivery; its effects.
  template <class Message>
  const MeterEffects& give(const Message& message, storage::SenderId delivery = {},
                           core::Instant received_at = {1'000});
  TermsId add_terms(const core::Terms& terms);
  /// The participant that has sent the next messages.
  void name_sender(core::ParticipantId participant) { sender_ = participant; }
  core::ParticipantId sender_of(storage::Position position) const {
    return received_.at(position.block() - 1).sender;
  }
  /// That the next messages are folded by.
  void set_rules(core::RuleSet rules) { rules_ = rules; }
  /// From the next position on.
  void set_maximum(const core::MaximumEnergy& maximum);

  const MeterState& state() const { return state_; }
  MeterDay counting(core::UtcDay day, core::MeasurementQuantity quantity =
                                          core::MeasurementQuantity::active_import) const;
  PeriodMasks masks_of(core::UtcDay day, core::MeasurementQuantity quantity =
                                             core::MeasurementQuantity::active_import) const;
  /// What is refused of each version, as the effects say it.
  const std::map<VersionKey, core::RefusedPeriods>& refusals() const { return refusals_; }
  /// All versions of a day.
  std::vector<StoredVersion> stored(core::UtcDay day) const;
  /// Wh by settlement day, terms, quantity and settlement period; zeros left out.
  using Volumes = std::map<std::tuple<core::SettlementDay, TermsId, core::MeasurementQuantity, int>,
                           core::WattHours>;
  const Volumes& volumes() const { return volumes_; }
  /// How many values the volumes count.
  std::int64_t counted() const { return counted_; }
  /// The n-th message comes alone in block n.
  storage::Position position() const { return {received_.size(), 0}; }

 private:
  void take_effects();
  void take(const LedgerMovement& movement);

  std::span<const core::UtcDaySpan> spans(core::UtcDay day) override;
  const core::Terms& terms(TermsId id) override { return terms_.at(id); }
  const core::MaximumEnergy* maximum(storage::Position position) override;
  core::Instant received_at(storage::Position position) override {
    return received_.at(position.block() - 1).at;
  }
  bool of_one_delivery(storage::Position a, storage::Position b) override {
    return received_.at(a.block() - 1).delivery == received_.at(b.block() - 1).delivery;
  }
  bool is_of_sender(storage::Position position) override {
    return sender_.empty() || sender_of(position) == sender_;
  }
  core::Instant newest(const Presence::Key& key) override;
  PeriodMasks masks(const Presence::Key& key) override;
  std::span<const Presence::Key> days() override;
  std::span<const StoredVersion> versions(const Presence::Key& key) override;
  std::span<const Repeat> repeats(const RepeatSubject& subject, RepeatsOf whom) override;

  core::Mpan mpan_;
  MeterState state_;
  MeterEffects effects_;
  std::vector<core::Terms> terms_;
  std::vector<std::pair<storage::Position, core::MaximumEnergy>> maxima_;
  struct Received {
    core::Instant at;
    storage::SenderId delivery;
    core::ParticipantId sender;
  };
  std::vector<Received> received_;
  core::ParticipantId sender_;
  core::RuleSet rules_ = core::first_rule_set;
  std::map<Presence::Key, std::vector<StoredVersion>> versions_;
  std::map<Presence::Key, PeriodMasks> masks_;
  std::map<VersionKey, core::RefusedPeriods> refusals_;
  std::map<std::string, std::vector<Repeat>> repeats_;  // by the begin of their keys
  std::vector<Repeat> of_delivery_;
  Volumes volumes_;
  std::int64_t counted_ = 0;
  std::vector<Presence::Key> days_;
  std::vector<core::UtcDaySpan> spans_;
};

template <class Message>
const MeterEffects& LoneMeter::give(const Message& message, storage::SenderId delivery,
                                    core::Instant received_at) {
  received_.push_back({received_at, delivery, sender_});
  effects_.clear();
  turn(state_, message, TurnContext{position(), received_at, {}, rules_}, *this, effects_);
  take_effects();
  return effects_;
}

}  // namespace hhgrid::actors::test
