#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/wire/topology.hpp"

namespace hhgrid::actors {

/// What a partition says of itself; every partition answers the same request.
struct PartitionStatus {
  storage::PartitionId id = 0;
  std::string name;  ///< `meters/3`, `market`, `gsp/_C`.
  storage::PartitionKind kind{};
  storage::BlockNumber applied = 0, journal_end = 0, durable = 0;  ///< Last blocks.
  std::uint64_t meters = 0, resident_meters = 0, memory_bytes = 0, store_memory_bytes = 0,
                disk_bytes = 0;
  std::uint64_t dead_letters = 0, accepted = 0, unchanged = 0, outbox = 0;
  std::uint64_t repeated_blocks = 0, early_blocks = 0;  ///< Dropped: see DroppedBlocks.
  std::uint64_t unregistered = 0;  ///< Readings taken of meters without any registration.
  std::uint64_t not_registered =
      0;  ///< Readings taken of days that no registration of the meter covered (ECS1009).
  std::uint64_t refused_periods = 0;        ///< Half hours refused.
  std::uint64_t refused_registrations = 0;  ///< Registrations refused.
  std::uint64_t refused_annual_consumptions = 0;
  std::uint64_t refused_registers = 0;
  std::uint64_t refused_rows = 0;  ///< Rows of standing data (periods of them) refused.
  std::string trouble;  ///< Empty, or why it has stopped or waits (full disk, gap, damage).
};

/// The status of a run that cannot end, since a partition has stopped.
inline constexpr std::string_view run_stopped = "stopped";

/// How a run ended, or where it stands.
struct RunOutcome {
  std::uint32_t run_number = 0;
  std::string run_id;  ///< `2013-03-31-II-1`.
  std::string status;  ///< published, held, refused, collecting, stopped (`run_stopped`).
  std::string reason;  ///< Why held or refused.
  std::uint64_t exceptions = 0;
};

}  // namespace hhgrid::actors
