#pragma once

#include <cstdint>
#include <optional>

#include "actors/host/participant_outbox.hpp"
#include "actors/meter/refusal_message.hpp"
#include "storage/wire/topology.hpp"

namespace hhgrid::actors {

/// A message that waits for a participant. Partition, position and n name it for ever: whoever gets
/// it twice drops it.
struct ParticipantMessage {
  storage::PartitionId partition = 0;
  MessageId id;
  RefusalMessage refusal;
};

/// What waits for a participant in all partitions.
struct ParticipantStatus {
  core::ParticipantId participant;
  ParticipantCount count;
  std::optional<core::Instant> oldest;  ///< When the entry came that caused the oldest message.
};

}  // namespace hhgrid::actors
