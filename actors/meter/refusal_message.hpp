#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "actors/host/contradicted_entry.hpp"
#include "actors/meter/effects.hpp"
#include "storage/wire/schema/participant.capnp.h"

namespace hhgrid::actors {

/// What a turn tells the participant that has sent a reading: IF-014 is made of it. It says what
/// that turn has changed, so it is the same whenever it is taken.
struct RefusalMessage {
  VersionKey version;            ///< Of the reading.
  core::RefusedPeriods refused;  ///< Half hours that were not refused before.
  std::uint64_t allowed = 0;     ///< Half hours that were, and are no longer.
  friend bool operator==(const RefusalMessage&, const RefusalMessage&) = default;
};

RefusalMessage message_of(const RefusalChange& change);
std::string participant_message_record(const RefusalMessage& message);

/// What a partition tells a participant of something that it has sent.
using ParticipantMessage = std::variant<RefusalMessage, ContradictedEntry>;
/// What throws is the record's fault.
ParticipantMessage read_participant_message(schema::ParticipantMessageRecord::Reader record);

}  // namespace hhgrid::actors
