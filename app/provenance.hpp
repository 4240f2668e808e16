#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "actors/meter/meter.hpp"
#include "app/merged_scan.hpp"
#include "core/types.hpp"

namespace hhgrid::app {

/// Where the entries of the meter partitions came from and when: the batch records, in memory.
class Provenance {
 public:
  struct Batch {
    core::Instant received_at;
    std::string source;
  };
  static Result<Provenance> load(const MeterStores& stores);

  /// The batch that holds a position; null when the store does not know it.
  const Batch* find(std::size_t partition, storage::Position position) const;
  /// What that partition had received at or before `cutoff`, up to a position of its journal.
  actors::AsOf as_of(std::size_t partition, core::Instant cutoff,
                     storage::Position last = std::numeric_limits<storage::Position>::max()) const;

 private:
  std::vector<std::map<storage::Position, Batch>> batches_;  // by partition and first position
};

}  // namespace hhgrid::app
