#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/host/contradicted_entry.hpp"
#include "actors/meter/meter.hpp"
#include "actors/meter/meter_repeats.hpp"
#include "actors/meter/presence.hpp"
#include "actors/meter/version_record.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors {

/// A version to store: a plain one by its quality and packed values, any other as its record.
struct NewVersion {
  VersionKey key;
  core::Quality quality{};
  /// Of a plain version: core/packing of the 48 values. They are the message's own bytes, which
  /// outlive the block's commit.
  std::span<const std::uint8_t> packed;
  std::string record;  ///< Of any other; empty: it is plain.
};

/// Volumes that count for a registration's terms from now on (sign 1), or no longer (-1).
struct LedgerMovement {
  core::UtcDaySpan span;  ///< Where they lie, and which settlement day's row they go to.
  TermsId terms = 0;
  core::MeasurementQuantity quantity{};
  std::uint64_t periods = 0;
  std::uint32_t values = 0;  ///< Which of MeterEffects::values.
  int sign = 1;
};

/// Values that ledger movements speak of.
struct MovedValues {
  const MeterDay* day = nullptr;              ///< The message's own, or one that the effects keep.
  std::optional<core::QualityClass> uniform;  ///< Of all 48 periods, when they all move.
};

/// What of a meter's day counts from now on.
struct PresenceChange {
  Presence::Key key;
  PeriodMasks masks;
};

/// What is refused of a version from now on, and what was before; its sender is told the
/// difference.
struct RefusalChange {
  VersionKey version;
  core::RefusedPeriods before, refused;
};

/// The meter is registered over the span from now on (1), or no longer (-1).
struct PopulationChange {
  TermsSpan span;
  int sign = 1;
};

/// How a meter answers a message.
enum class Answer : std::uint8_t {
  accepted,   ///< Something of it counts, or will when a registration comes.
  unchanged,  ///< It says what was said already.
  refused,    ///< Every half hour of it is refused; `refused` says why.
};

/// All that a turn of a meter wants: plain data, for its host to carry out when the turn has ended.
/// A buffer that is used again and again: `clear` keeps its memory.
struct MeterEffects {
  Answer answer = Answer::accepted;
  core::RefusedPeriods refused;  ///< Of the message's own half hours.
  /// Half hours that were refused by this turn, those of earlier messages too.
  std::uint64_t refused_periods = 0;
  /// Registrations, annual consumptions or registers that were refused by this turn, the earlier
  /// ones too.
  std::vector<ContradictedEntry> contradicted;
  bool without_registration = false;  ///< A reading of a meter that has no registration at all.
  bool not_registered =
      false;  ///< A reading of a day that none of its registrations covers (ECS1009).

  std::vector<NewVersion> versions;
  std::vector<MovedValues> values;
  std::vector<LedgerMovement> movements;
  std::vector<PresenceChange> presence;
  std::vector<RefusalChange> refusals;
  std::vector<MeterRepeat> repeats;                ///< By this message: each leaves a trace.
  std::vector<MeterRepeat> repeats_made_versions;  ///< Earlier ones, which leave none any more.
  std::vector<PopulationChange> population;
  std::optional<MeterState> state;  ///< The meter's new state, when it has one.

  void clear();
  /// Of an earlier version or of the message's own: what was refused, and what is from now on.
  void change_refusal(const VersionKey& version, const core::RefusedPeriods& before,
                      const core::RefusedPeriods& after);
  /// Adds values for movements; returns their number.
  enum class Values : std::uint8_t {
    of_message,  ///< The message's own, which outlives its effects.
    kept,        ///< Copied.
  };
  std::uint32_t add_values(const MeterDay& day, Values values);

 private:
  std::deque<MeterDay> kept_values_;
};

}  // namespace hhgrid::actors
