#pragma once

#include <cstdint>
#include <string>

#include "actors/meter/effects.hpp"
#include "storage/wire/schema/record.capnp.h"

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
std::string refusal_message_record(const RefusalMessage& message);
/// What throws is the record's fault.
RefusalMessage read_refusal_message(schema::ParticipantMessageRecord::Reader record);

}  // namespace hhgrid::actors
