#pragma once

#include <string>

#include <fmt/format.h>

#include "storage/wire/block.hpp"

namespace hhgrid::actors {

/// Where a partition's store lies in the data directory: `partitions/00007`, and `market` of the
/// last.
inline std::string store_directory(storage::PartitionId id, storage::PartitionId meter_partitions) {
  return id == meter_partitions ? "market" : fmt::format("partitions/{:05}", id);
}

}  // namespace hhgrid::actors
