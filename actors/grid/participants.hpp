#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "actors/grid/grid.hpp"
#include "actors/host/participant_outbox.hpp"
#include "actors/meter/refusal_message.hpp"
#include "storage/wire/topology.hpp"

namespace hhgrid::actors {

/// A message that waits for a participant. Partition, position and n name it for ever: whoever gets
/// it twice drops it.
struct WaitingMessage {
  storage::PartitionId partition = 0;
  MessageId id;
  ParticipantMessage message;
};

/// What waits for a participant in all partitions.
struct ParticipantStatus {
  core::ParticipantId participant;
  ParticipantCount count;
  std::optional<core::Instant> oldest;  ///< When the entry came that caused the oldest message.
};

// -- for gateways, which send on what waits for participants --------------------------------------

/// The oldest messages of each partition, together at most `limit`, as committed. They stay until
/// they are acknowledged, so they may be taken again. Errors: the stores'.
tl::expected<std::vector<WaitingMessage>, storage::Error> take(
    const Grid& grid, const core::ParticipantId& participant, std::size_t limit);
/// The participant has these, and of each of their partitions all before them: they are forgotten.
/// Durable when it returns; doing it again is harmless. Errors: as Grid::append.
tl::expected<void, storage::Error> acknowledge(Grid& grid, const core::ParticipantId& participant,
                                               const std::vector<WaitingMessage>& taken,
                                               core::Instant now);
/// All participants that something has ever waited for. Errors: the stores'.
tl::expected<std::vector<ParticipantStatus>, storage::Error> participants(const Grid& grid);

}  // namespace hhgrid::actors
