#pragma once

#include <optional>
#include <span>
#include <vector>

#include "actors/meter/meter.hpp"
#include "actors/meter/meter_repeats.hpp"
#include "actors/meter/presence.hpp"
#include "actors/meter/version_record.hpp"
#include "core/calendar.hpp"
#include "core/validation/ecs1012_maximum.hpp"

namespace hhgrid::actors {

/// What a turn of a meter may read beside its state and the message. Reading a store may throw
/// StoreFailure.
class MeterPorts {
 public:
  virtual ~MeterPorts() = default;

  // -- the partition's
  /// The settlement days that share a UTC day. Valid until the next call.
  virtual std::span<const core::UtcDaySpan> spans(core::UtcDay day) = 0;
  virtual const core::Terms& terms(TermsId id) = 0;
  /// The limits of ECS1012 that are in force at a position; null: none had been given yet.
  virtual const core::MaximumEnergy* maximum(storage::Position position) = 0;
  /// When the entry at a position was received.
  virtual core::Instant received_at(storage::Position position) = 0;
  /// Whether two entries came in one delivery: from one sender, of one source (file). Two values
  /// for one half hour contradict each other only within one. An entry without a source is in none,
  /// not even with itself.
  virtual bool of_one_delivery(storage::Position a, storage::Position b) = 0;
  /// Whether the entry has a delivery of which more may come.
  bool is_of_delivery(storage::Position position) { return of_one_delivery(position, position); }
  /// Whether the message's participant has sent the entry at the position too; true when the
  /// message names none.
  virtual bool is_of_sender(storage::Position position) = 0;
  /// The latest time of receipt of anything about a UTC day and quantity.
  virtual core::Instant newest(const Presence::Key& key) = 0;

  // -- the meter's own
  /// What is there of a UTC day and quantity.
  virtual PeriodMasks masks(const Presence::Key& key) = 0;
  /// The UTC days and quantities that there are versions of. Valid until the next call.
  virtual std::span<const Presence::Key> days() = 0;
  /// The versions of one, in order of their keys. Valid until the next call.
  virtual std::span<const StoredVersion> versions(const Presence::Key& key) = 0;
  /// What it has been told again of something, by the message's delivery or by all, in journal
  /// order. Valid until the next call.
  virtual std::span<const Repeat> repeats(const RepeatSubject& subject, RepeatsOf whom) = 0;
};

}  // namespace hhgrid::actors
