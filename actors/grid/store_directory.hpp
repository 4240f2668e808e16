#pragma once

#include <string>

#include <fmt/format.h>

#include "storage/wire/topology.hpp"

namespace hhgrid::actors {

/// Where a partition's store lies in the data directory: `partitions/00007` of meters, `market`,
/// `gsp/_C`.
inline std::string store_directory(storage::PartitionId id, const storage::Topology& topology) {
  return topology.kind(id) == storage::PartitionKind::meters ? fmt::format("partitions/{:05}", id)
                                                             : topology.name(id);
}

}  // namespace hhgrid::actors
