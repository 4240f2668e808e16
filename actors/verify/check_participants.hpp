#pragma once

#include "actors/verify/check_partition.hpp"

namespace hhgrid::actors {

/// What waits for participants: each message is what its turn has refused of a reading that the
/// participant sent, and the counts are those of the messages.
void check_participants(Check& check, const MetaFacts& meta);

}  // namespace hhgrid::actors
