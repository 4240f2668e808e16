#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "actors/host/fold.hpp"
#include "actors/host/market_effects.hpp"
#include "actors/meter/block_versions.hpp"
#include "actors/meter/consumption.hpp"
#include "actors/meter/effects.hpp"
#include "actors/meter/expected_meters.hpp"
#include "actors/meter/meter_partition.hpp"
#include "actors/meter/missing_meters.hpp"
#include "actors/meter/ports.hpp"
#include "actors/meter/refusal_table.hpp"

namespace hhgrid::actors {

struct MeterFoldOptions {
  /// Resident meter states beyond this are written back and dropped (passivation).
  std::size_t resident_bytes_max = std::size_t{256} << 20;
  std::size_t ledger_days_max = 4;
  /// For tests of supervision: called before every meter turn; may throw.
  std::function<void(core::Mpan)> before_turn;
};

/// Counters of a meter partition since it was opened.
struct MeterFoldCounts {
  /// Versions stored; registrations, annual consumptions and registers taken.
  std::uint64_t accepted = 0;
  std::uint64_t unchanged = 0;        ///< Entries that said what had been said already.
  std::uint64_t unregistered = 0;     ///< Readings of meters that had no registration yet.
  std::uint64_t not_registered = 0;   ///< Readings of days that no registration covered (ECS1009).
  std::uint64_t refused_periods = 0;  ///< Half hours refused.
  std::uint64_t refused_registrations = 0;        ///< That contradict others of their delivery.
  std::uint64_t refused_annual_consumptions = 0;  ///< Likewise.
  std::uint64_t refused_registers = 0;            ///< Likewise.
  std::uint64_t activations = 0, passivations = 0;

  /// Of entries of a meter.
  std::uint64_t& refused(ContradictedEntry::Kind kind) {
    switch (kind) {
      case ContradictedEntry::Kind::registration:
        return refused_registrations;
      case ContradictedEntry::Kind::meter_register:
        return refused_registers;
      case ContradictedEntry::Kind::annual_consumption:
      case ContradictedEntry::Kind::standing:  // no meter's
        break;
    }
    return refused_annual_consumptions;
  }
};

/// The host of a meter partition: gives each message to the turn of its meter, or of the partition,
/// and carries out the effects. A meter's turn reads through the host's ports.
class MeterFold : public Fold, private MeterPorts {
 public:
  MeterFold(Identity identity, storage::Store& store, const core::SettlementCalendar& calendar,
            MeterFoldOptions options);

  MeterFoldCounts counts() const;
  std::size_t resident_meters() const { return partition_.meters.resident(); }
  std::uint32_t meter_count() const { return partition_.meters.count(); }
  /// Bytes of resident meter state, presence maps and ledger days.
  std::size_t memory_bytes() const;

 protected:
  tl::expected<void, storage::Error> load_state() override;
  void turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
            const TurnContext& context) override;
  void expect(kj::ArrayPtr<const capnp::word> bytes) override;
  std::string address_of(const schema::Entry::Reader& entry) const override;
  bool answers_failure(const schema::Entry::Reader& entry, const std::string& reason) override;
  void turn_failed(const schema::Entry::Reader& entry, const TurnContext& context) override;
  void turn_replayed(const schema::Entry::Reader& entry) override;
  void write_state(storage::Commit& commit) override;
  void committed() override;
  void write_meta(schema::MetaRecord::Builder meta) const override;
  void read_meta(schema::MetaRecord::Reader meta) override;

 private:
  // -- ports of the meter whose turn it is
  std::span<const core::UtcDaySpan> spans(core::UtcDay day) override;
  const core::Terms& terms(TermsId id) override { return partition_.terms.at(id); }
  const core::MaximumEnergy* maximum(storage::Position position) override {
    return partition_.limits.at(position);
  }
  core::Instant received_at(storage::Position position) override {
    return Fold::received_at(position);
  }
  bool is_of_sender(storage::Position position) override { return Fold::is_of_sender(position); }
  bool of_one_delivery(storage::Position a, storage::Position b) override {
    return Fold::of_one_delivery(a, b);
  }
  core::Instant newest(const Presence::Key& key) override {
    return partition_.presence.newest(key);
  }
  PeriodMasks masks(const Presence::Key& key) override;
  std::span<const Presence::Key> days() override;
  std::span<const StoredVersion> versions(const Presence::Key& key) override;
  std::span<const Repeat> repeats(const RepeatSubject& subject, RepeatsOf whom) override;

  // -- turns
  template <class Message>
  void give(core::Mpan mpan, const Message& message, const TurnContext& context);
  void carry_out(MeterTable::Resident& meter, const TurnContext& context);
  void arrived_with_its_own_block(const MeterRepeat& repeat, const MeterTable::Resident& meter);
  void move_volumes();
  void count_effects();
  LaterArrivals later_arrivals(schema::RunMarker::Reader marker);
  void marker_turn(schema::RunMarker::Reader marker, const TurnContext& context);
  void shapes_turn(schema::RunShapes::Reader shapes);
  void day_turn(schema::DayMarker::Reader marker);
  void keep(RunRecords records);

  MeterFoldOptions options_;
  MeterFoldCounts counts_;
  MeterPartition partition_;

  // -- of the turn
  TurnContext context_;
  const MeterTable::Resident* meter_ = nullptr;
  Consumption reading_{core::Mpan::from_body(0)};  // a buffer
  MeterEffects effects_;
  std::vector<LedgerDay*> moved_days_;
  storage::BlockNumber last_repeated_ = 0;  // of what has become a version
  std::vector<StoredVersion> versions_;
  std::vector<Presence::Key> days_;
  core::UtcDay spans_day_{std::numeric_limits<std::int32_t>::min()};
  std::vector<core::UtcDaySpan> spans_;

  // -- of the block being applied
  ExpectedMeters expected_;
  BlockVersions versions_of_block_;
  RefusalChanges refusals_;
  RunRecords run_records_;
  std::vector<StoreWrite> writes_;
};

}  // namespace hhgrid::actors
