#pragma once

#include <vector>

#include "net/simulator/population.hpp"
#include "storage/wire/block.hpp"

namespace hhgrid::bench {

/// Blocks ready to be appended, by partition, in order.
struct ReadyBuffer {
  std::vector<std::vector<storage::Block>> registrations, consumption;
  std::uint64_t meter_days = 0;
};

/// What a gateway would hold: the registrations of a population, and its meter-days day by day,
/// meters in an order that has nothing to do with their numbers, split by partition into blocks of
/// `batch_entries`.
ReadyBuffer make_ready_buffer(const net::Population& population, std::uint16_t partitions,
                              std::uint32_t batch_entries);

}  // namespace hhgrid::bench
