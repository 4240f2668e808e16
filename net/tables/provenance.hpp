#pragma once

#include <vector>

#include <absl/container/flat_hash_map.h>

#include "actors/meter/meter.hpp"
#include "core/types.hpp"
#include "net/files/csv_writer.hpp"
#include "net/tables/merged_scan.hpp"
#include "storage/store/provenance.hpp"

namespace hhgrid::net {

/// Where the entries of the meter partitions came from and when: all records of blocks, in memory.
class Provenance {
 public:
  static tl::expected<Provenance, storage::Error> load(const MeterStores& stores);

  /// The block that holds a position; null when the store does not know it.
  const storage::BlockOrigin* find(std::size_t partition, storage::Position position) const;
  /// What that partition had received at or before `cutoff`, up to a position of its journal.
  actors::AsOf as_of(std::size_t partition, core::Instant cutoff,
                     storage::Position last = storage::Position::greatest()) const;

 private:
  using Blocks = absl::flat_hash_map<storage::BlockNumber, storage::BlockOrigin>;
  std::vector<Blocks> blocks_;  // by partition
};

/// The columns received_at, source and participant; blank where nothing is known (null).
void write_origin(const storage::BlockOrigin* block, TableWriter& out);

}  // namespace hhgrid::net
